package io.penstock.config;

import java.util.Comparator;
import java.util.Optional;

/**
 * Which part of the configuration is meant.
 *
 * @param type the type; empty for the instance's {@code defaults}
 * @param name the resource's name; empty for {@code defaults}
 */
public record ResourceRef(Optional<ResourceType> type, String name) implements Comparable<ResourceRef> {
    private static final Comparator<ResourceRef> ORDER = Comparator.<ResourceRef>comparingInt(
                    ref -> ref.type().map(ResourceType::ordinal).orElse(-1))
            .thenComparing(ResourceRef::name);

    /** The instance's defaults. */
    public static final ResourceRef DEFAULTS = new ResourceRef(Optional.empty(), "");

    /** A resource. */
    public static ResourceRef of(ResourceType type, String name) {
        return new ResourceRef(Optional.of(type), name);
    }

    /** JSON Pointer of the resource by name in the declarative document, escaped as RFC 6901 section 3 says. */
    public String documentPointer() {
        return type.map(known -> "/" + known.documentName() + "/"
                        + name.replace("~", "~0").replace("/", "~1"))
                .orElse("/defaults");
    }

    @Override
    public int compareTo(ResourceRef other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return type.map(known -> known.singular() + " \"" + name + "\"").orElse("defaults");
    }
}

package io.penstock.admin.store;

import java.util.Comparator;

/**
 * Which resource: the plural of its type as the API spells it, and its name.
 *
 * <p>Immutable; ordered by type, then name.
 *
 * @param type the plural noun of the API, e.g. {@code routes}
 * @param name the resource's name within its type
 */
public record ResourceKey(String type, String name) implements Comparable<ResourceKey> {

    private static final Comparator<ResourceKey> ORDER =
            Comparator.comparing(ResourceKey::type).thenComparing(ResourceKey::name);

    public ResourceKey {
        if (type.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "a resource key needs a type and a name; found \"" + type + "\" and \"" + name + "\"");
        }
    }

    /** The resource's place in the API below {@code /v1}, e.g. {@code /routes/orders}. */
    public String path() {
        return "/" + type + "/" + name;
    }

    @Override
    public int compareTo(ResourceKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return path();
    }
}

package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A network that listeners and upstreams belong to. */
public record NetworkConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    public NetworkConfig {
        tags = List.copyOf(tags);
        new ValueChecks().resource(name, tags, note, owner).end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(NetworkConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a network; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(NetworkConfig from) {
            name = from.name;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder tags(String... values) {
            tags = List.of(values);
            return this;
        }

        public Builder note(String value) {
            note = Optional.of(value);
            return this;
        }

        public Builder enabled(boolean value) {
            enabled = value;
            return this;
        }

        public Builder owner(String value) {
            owner = Optional.of(value);
            return this;
        }

        /** The record; {@link InvalidValueException} names every value that cannot stand. */
        public NetworkConfig build() {
            return new NetworkConfig(name, tags, note, enabled, owner);
        }
    }
}

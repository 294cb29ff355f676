package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Consumers that have something in common, such as what they pay for. */
public record ConsumerGroupConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("Limits, by name, that the requests of its consumers take beside those of their route.")
        List<String> limits,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; nobody belongs to a disabled group.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    private static final int LIMITS_MAX = 64;

    public ConsumerGroupConfig {
        limits = List.copyOf(limits);
        tags = List.copyOf(tags);
        new ValueChecks()
                .resource(name, tags, note, owner)
                .require(
                        limits.size() <= LIMITS_MAX,
                        "limits",
                        "found " + limits.size() + " limits, wanted at most " + LIMITS_MAX)
                .end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(ConsumerGroupConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a group; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private List<String> limits;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(ConsumerGroupConfig from) {
            name = from.name;
            limits = from.limits;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder limits(String... values) {
            limits = List.of(values);
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
        public ConsumerGroupConfig build() {
            return new ConsumerGroupConfig(name, limits, tags, note, enabled, owner);
        }
    }
}

package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who may call: a program, a partner, a person; and how it proves that. */
public record ConsumerConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("Consumer groups, by name, that it belongs to.")
        List<String> groups,

        @Doc("Limits, by name, that its requests take beside those of their route.")
        List<String> limits,

        @Doc("How it proves who it is.") List<CredentialConfig> credentials,
        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; nobody is identified as a disabled consumer.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    /** The most groups, and the most limits, that one consumer names. */
    private static final int NAMES_MAX = 64;

    private static final int CREDENTIALS_MAX = 256;

    public ConsumerConfig {
        groups = List.copyOf(groups);
        limits = List.copyOf(limits);
        credentials = List.copyOf(credentials);
        tags = List.copyOf(tags);
        new ValueChecks()
                .resource(name, tags, note, owner)
                .require(
                        groups.size() <= NAMES_MAX,
                        "groups",
                        "found " + groups.size() + " groups, wanted at most " + NAMES_MAX)
                .require(
                        limits.size() <= NAMES_MAX,
                        "limits",
                        "found " + limits.size() + " limits, wanted at most " + NAMES_MAX)
                .require(
                        credentials.size() <= CREDENTIALS_MAX,
                        "credentials",
                        "found " + credentials.size() + " credentials, wanted at most " + CREDENTIALS_MAX)
                .end();
    }

    /** This with other credentials. */
    public ConsumerConfig with(List<CredentialConfig> others) {
        return new ConsumerConfig(name, groups, limits, others, tags, note, enabled, owner);
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(ConsumerConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a consumer; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private List<String> groups;
        private List<String> limits;
        private List<CredentialConfig> credentials;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(ConsumerConfig from) {
            name = from.name;
            groups = from.groups;
            limits = from.limits;
            credentials = from.credentials;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder groups(String... values) {
            groups = List.of(values);
            return this;
        }

        public Builder limits(String... values) {
            limits = List.of(values);
            return this;
        }

        public Builder credentials(CredentialConfig... values) {
            credentials = List.of(values);
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
        public ConsumerConfig build() {
            return new ConsumerConfig(name, groups, limits, credentials, tags, note, enabled, owner);
        }
    }
}

package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A record of every request. */
public record AccessLogConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("json, common, or a template with {fields}.") @Default("json")
        String format,

        @Doc("Where it goes.") AccessLogSink sink,

        @Doc("How large a file grows before the next begins.") @Default("256MiB")
        ByteSize maxBytes,

        @Doc("How many files are kept, the current one among them.") @Default("4")
        int keep,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    public AccessLogConfig {
        tags = List.copyOf(tags);
        new ValueChecks()
                .resource(name, tags, note, owner)
                .between("maxBytes", maxBytes, new ByteSize(1 << 10), new ByteSize(1L << 40))
                .between("keep", keep, 1, 1000)
                .end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(AccessLogConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a access log; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private String format;
        private AccessLogSink sink;
        private ByteSize maxBytes;
        private int keep;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(AccessLogConfig from) {
            name = from.name;
            format = from.format;
            sink = from.sink;
            maxBytes = from.maxBytes;
            keep = from.keep;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder format(String value) {
            format = value;
            return this;
        }

        public Builder sink(AccessLogSink value) {
            sink = value;
            return this;
        }

        public Builder maxBytes(ByteSize value) {
            maxBytes = value;
            return this;
        }

        public Builder keep(int value) {
            keep = value;
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
        public AccessLogConfig build() {
            return new AccessLogConfig(name, format, sink, maxBytes, keep, tags, note, enabled, owner);
        }
    }
}

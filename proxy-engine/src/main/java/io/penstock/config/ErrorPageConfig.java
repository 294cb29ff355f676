package io.penstock.config;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What clients are shown in the place of the gateway's own errors, and of upstreams' where it says so. */
public record ErrorPageConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("Errors it is for: a status, 4xx, 5xx, or reason: and a code; what is named more closely wins.")
        @Member("for")
        List<ErrorMatch> covers,

        @Doc(
                "Page for those who want HTML; {status}, {title}, {reason}, {requestId} and {detail} stand for what they say.")
        Optional<String> html,

        @Doc("Document for those who want JSON, with the same words in it.")
        Optional<String> json,

        @Doc("Whether it takes the place of upstreams' errors too.") @Default("false")
        boolean upstream,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    private static final int PAGE_CHARS_MAX = 128 * 1024;

    public ErrorPageConfig {
        covers = List.copyOf(covers);
        tags = List.copyOf(tags);
        ValueChecks checks =
                new ValueChecks().resource(name, tags, note, owner).count("for", "errors", covers.size(), 256);
        html.ifPresent(page -> checks.count("html", "characters", page.length(), PAGE_CHARS_MAX));
        json.ifPresent(page -> checks.count("json", "characters", page.length(), PAGE_CHARS_MAX));
        checks.end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(ErrorPageConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of an error page; every setter is named after its component. */
    public static final class Builder {
        private final String name;
        private List<ErrorMatch> covers;
        private Optional<String> html;
        private Optional<String> json;
        private boolean upstream;
        private final List<String> tags;
        private final Optional<String> note;
        private boolean enabled;
        private final Optional<String> owner;

        private Builder(ErrorPageConfig from) {
            name = from.name;
            covers = from.covers;
            html = from.html;
            json = from.json;
            upstream = from.upstream;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder covers(String... values) {
            covers = Arrays.stream(values).map(ErrorMatch::parse).toList();
            return this;
        }

        public Builder html(String value) {
            html = Optional.of(value);
            return this;
        }

        public Builder json(String value) {
            json = Optional.of(value);
            return this;
        }

        public Builder upstream(boolean value) {
            upstream = value;
            return this;
        }

        public Builder enabled(boolean value) {
            enabled = value;
            return this;
        }

        /** The record; {@link InvalidValueException} names every value that cannot stand. */
        public ErrorPageConfig build() {
            return new ErrorPageConfig(name, covers, html, json, upstream, tags, note, enabled, owner);
        }
    }
}

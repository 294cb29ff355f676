package io.penstock.config;

import java.util.List;
import java.util.Optional;

/** A value that plugins are given by its name, and that nobody reads back. */
public record SecretConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("The value as a text, never given back; {stored: id} keeps the value that is stored under this id.")
        SecretValue value,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it may be used; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    public SecretConfig {
        tags = List.copyOf(tags);
        new ValueChecks().resource(name, tags, note, owner).end();
    }

    /** This with another value. */
    public SecretConfig with(SecretValue other) {
        return new SecretConfig(name, other, tags, note, enabled, owner);
    }
}

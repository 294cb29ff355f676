package io.penstock.config;

import java.util.Optional;

/** A condition on a header or a query parameter. */
public record FieldMatch(
        @Doc("The header's name, in any case, or the parameter's name, in its case.")
        String name,

        @Doc("How the value is compared.") @Default("exact") FieldMatchType type,

        @Doc("What it is compared with; only for exact and regex.")
        Optional<String> value) {

    /** One value is equal. */
    public static FieldMatch exact(String name, String value) {
        return new FieldMatch(name, FieldMatchType.EXACT, Optional.of(value));
    }

    /** One value matches the RE2 expression as a whole. */
    public static FieldMatch regex(String name, String expression) {
        return new FieldMatch(name, FieldMatchType.REGEX, Optional.of(expression));
    }

    /** It is there. */
    public static FieldMatch present(String name) {
        return new FieldMatch(name, FieldMatchType.PRESENT, Optional.empty());
    }

    /** It is not there. */
    public static FieldMatch absent(String name) {
        return new FieldMatch(name, FieldMatchType.ABSENT, Optional.empty());
    }
}

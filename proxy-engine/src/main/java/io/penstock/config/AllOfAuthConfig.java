package io.penstock.config;

import java.util.List;
import java.util.function.UnaryOperator;

/** Needs each of its entries: a request passes that holds all of their credentials. Written {@code {allOf: [...]}}, without a type. */
@TypeTag(value = "allOf", byMember = true)
public record AllOfAuthConfig(
        @Doc(
                "Entries of auth that all have to find their credential; two that name different consumers refuse the request.")
        List<AuthConfig> allOf,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final int ENTRIES_MIN = 2;
    private static final int ENTRIES_MAX = 8;

    public AllOfAuthConfig {
        allOf = List.copyOf(allOf);
        new ValueChecks()
                .require(
                        allOf.size() >= ENTRIES_MIN && allOf.size() <= ENTRIES_MAX,
                        "allOf",
                        "found " + allOf.size() + " entries, wanted " + ENTRIES_MIN + " to " + ENTRIES_MAX)
                .end();
    }

    /** One that needs these. */
    public static AllOfAuthConfig of(AuthConfig... entries) {
        return new AllOfAuthConfig(List.of(entries), true);
    }

    @Override
    public List<AuthConfig> members() {
        return allOf;
    }

    @Override
    public AllOfAuthConfig withSecrets(UnaryOperator<String> naming) {
        return new AllOfAuthConfig(
                allOf.stream().map(entry -> entry.withSecrets(naming)).toList(), enabled);
    }
}

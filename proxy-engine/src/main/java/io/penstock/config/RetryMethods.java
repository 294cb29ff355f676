package io.penstock.config;

import java.util.List;

/** The words that say which requests may be sent twice. */
public final class RetryMethods {
    /** Those that the method makes repeatable (RFC 9110 section 9.2.2), and those with an {@code Idempotency-Key}. */
    public static final String IDEMPOTENT = "idempotent";
    /** Every one. */
    public static final String ALL = "all";

    private static final List<String> KNOWN =
            List.of(IDEMPOTENT, ALL, "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH");

    private RetryMethods() {}

    static ValueChecks check(ValueChecks checks, List<String> methods) {
        for (int i = 0; i < methods.size(); i++) {
            String word = methods.get(i);
            checks.require(
                    KNOWN.contains(word),
                    "methods/" + i,
                    "found \"" + ValueText.shown(word) + "\", wanted one of " + String.join(", ", KNOWN)
                            + Spelling.nearest(word, KNOWN)
                                    .map(near -> "; did you mean \"" + near + "\"?")
                                    .orElse(""));
        }
        return checks;
    }
}

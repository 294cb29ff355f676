package io.penstock.config;

/** Finds out who calls by a user name and a password (RFC 7617) that a consumer has as a credential of type basic. */
@TypeTag("basic")
public record BasicAuthConfig(
        @Doc("What clients show people who are asked for a password.") @Default("api")
        String realm,

        @Doc("Whether the password is taken out of the request before it goes on.") @Default("true")
        boolean hideCredential,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final int REALM_CHARS_MAX = 128;

    public BasicAuthConfig {
        new ValueChecks()
                .require(
                        !realm.isEmpty()
                                && realm.length() <= REALM_CHARS_MAX
                                && realm.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '"' && c != '\\'),
                        "realm",
                        "found \"" + ValueText.shown(realm) + "\", wanted 1 to " + REALM_CHARS_MAX
                                + " ASCII characters without quotes and backslashes")
                .end();
    }

    /** One with this realm. */
    public static BasicAuthConfig of(String realm) {
        return new BasicAuthConfig(realm, true, true);
    }
}

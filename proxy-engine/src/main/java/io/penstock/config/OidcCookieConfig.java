package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** The cookies that hold a login: encrypted, and nothing of it stays with the gateway. */
public record OidcCookieConfig(
        @Doc("The cookie's name; over TLS it is sent with __Host- before it.") @Default("penstock-login")
        String name,

        @Doc("The secret whose value the key is derived from, of at least 32 characters.")
        SecretName key,

        @Doc("The secret that was used before: what was encrypted under it is still read.")
        Optional<SecretName> previousKey,

        @Doc("How long a login lasts at most, however often it is refreshed.") @Default("12h")
        Duration ttl) {
    private static final int NAME_CHARS_MAX = 64;

    public OidcCookieConfig {
        new ValueChecks()
                .require(
                        Grammar.isToken(name) && name.length() <= NAME_CHARS_MAX,
                        "name",
                        "found \"" + ValueText.shown(name) + "\", wanted a token of at most " + NAME_CHARS_MAX
                                + " characters")
                .between("ttl", ttl, Duration.ofMinutes(1), Duration.ofDays(30))
                .end();
    }
}

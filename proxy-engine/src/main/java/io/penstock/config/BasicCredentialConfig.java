package io.penstock.config;

import java.time.Instant;
import java.util.Optional;

/** A user name with a password, as HTTP's Basic scheme sends them (RFC 7617). Only a slow, salted hash is stored. */
@TypeTag("basic")
public record BasicCredentialConfig(
        @Doc("The user name, without a colon; it stands for one consumer only.")
        String username,

        @Doc(
                "The password as a text of at least 8 characters, never given back; {stored: id} keeps the one that is stored.")
        SecretValue secret,

        @Doc("When it stops to count; never if absent.") Optional<Instant> expires,
        @Doc("What the next operator should know.") Optional<String> note,
        @Doc("Whether it counts.") @Default("true") boolean enabled)
        implements CredentialConfig {
    private static final int USERNAME_CHARS_MAX = 256;

    public BasicCredentialConfig {
        CredentialConfig.checksOfPassword(secret, note)
                .require(
                        !username.isEmpty()
                                && username.length() <= USERNAME_CHARS_MAX
                                && username.indexOf(':') < 0
                                && username.chars().noneMatch(Character::isISOControl),
                        "username",
                        "found \"" + ValueText.shown(username) + "\", wanted 1 to " + USERNAME_CHARS_MAX
                                + " characters without a colon")
                .end();
    }

    /** A password without an end. */
    public static BasicCredentialConfig of(String username, String password) {
        return new BasicCredentialConfig(
                username, new SecretValue.Given(password), Optional.empty(), Optional.empty(), true);
    }

    @Override
    public BasicCredentialConfig with(SecretValue other) {
        return new BasicCredentialConfig(username, other, expires, note, enabled);
    }
}

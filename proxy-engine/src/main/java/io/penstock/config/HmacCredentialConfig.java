package io.penstock.config;

import java.time.Instant;
import java.util.Optional;

/** A secret that both sides know and that signs requests (RFC 9421, hmac-sha256). Stored encrypted, since checking needs it. */
@TypeTag("hmac")
public record HmacCredentialConfig(
        @Doc("What the caller names as keyid; it stands for one consumer only.")
        String keyId,

        @Doc(
                "The shared secret as a text of at least 16 characters, never given back; {stored: id} keeps the one that is"
                        + " stored.")
        SecretValue secret,

        @Doc("When it stops to count; never if absent.") Optional<Instant> expires,
        @Doc("What the next operator should know.") Optional<String> note,
        @Doc("Whether it counts.") @Default("true") boolean enabled)
        implements CredentialConfig {
    private static final int KEY_ID_CHARS_MAX = 256;

    public HmacCredentialConfig {
        CredentialConfig.checksOfKey(secret, note)
                .require(
                        !keyId.isEmpty()
                                && keyId.length() <= KEY_ID_CHARS_MAX
                                && keyId.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '"' && c != '\\'),
                        "keyId",
                        "found \"" + ValueText.shown(keyId) + "\", wanted 1 to " + KEY_ID_CHARS_MAX
                                + " visible ASCII characters without quotes and backslashes")
                .end();
    }

    /** A secret without an end. */
    public static HmacCredentialConfig of(String keyId, String secret) {
        return new HmacCredentialConfig(keyId, new SecretValue.Given(secret), Optional.empty(), Optional.empty(), true);
    }

    @Override
    public HmacCredentialConfig with(SecretValue other) {
        return new HmacCredentialConfig(keyId, other, expires, note, enabled);
    }
}

package io.penstock.config;

/** Binds an account to one that the authority knows otherwise (RFC 8555 section 7.3.4). */
public record ExternalAccountConfig(
        @Doc("The key's identifier, as the authority gave it.")
        String keyId,

        @Doc("The secret that holds the key, in base64url as the authority gave it.")
        SecretName secret) {
    private static final int CHARS_MAX = 1024;

    public ExternalAccountConfig {
        new ValueChecks()
                .require(
                        !keyId.isBlank() && keyId.length() <= CHARS_MAX,
                        "keyId",
                        "found " + keyId.length() + " characters, wanted 1 to " + CHARS_MAX)
                .end();
    }
}

package io.penstock.config;

import java.time.Instant;
import java.util.Optional;

/** A key that the caller sends with each request. Only a digest of it is stored, under a key of the gateway's. */
@TypeTag("apiKey")
public record ApiKeyCredentialConfig(
        @Doc(
                "The key as a text of at least 16 characters, never given back; {stored: id} keeps the key that is stored.")
        SecretValue secret,

        @Doc("When it stops to count; never if absent.") Optional<Instant> expires,
        @Doc("What the next operator should know.") Optional<String> note,
        @Doc("Whether it counts.") @Default("true") boolean enabled)
        implements CredentialConfig {
    public ApiKeyCredentialConfig {
        CredentialConfig.checksOfKey(secret, note).end();
    }

    /** A key without an end. */
    public static ApiKeyCredentialConfig of(String key) {
        return new ApiKeyCredentialConfig(new SecretValue.Given(key), Optional.empty(), Optional.empty(), true);
    }

    @Override
    public ApiKeyCredentialConfig with(SecretValue other) {
        return new ApiKeyCredentialConfig(other, expires, note, enabled);
    }
}

package io.penstock.spi;

import io.penstock.config.SecretValue;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * What the engine needs of stored secrets, of consumers and those that entries name, kept by whoever stores them. Called beside the workers only.
 *
 * <p>An API key {@code k} is stored as {@code HMAC-SHA256(digestKey, "apiKey" 0x00 k)}, k in UTF-8.
 */
public interface CredentialSecrets {
    /** The 32 bytes under which API keys are digested; a caller may keep them and must not write to them. */
    byte[] digestKey();

    /**
     * A secret that was stored encrypted.
     *
     * @throws IllegalStateException if it does not open
     */
    String open(SecretValue.Sealed sealed);

    /**
     * The value of a secret that an entry of the configuration names; empty if there is none that may be used.
     *
     * @param reference its name, as it stands in what is prepared
     */
    default Optional<String> named(String reference) {
        return Optional.empty();
    }

    /** Nothing stored, as where configurations hold secrets as they were given: digests under a key of this process. */
    static CredentialSecrets none() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return new CredentialSecrets() {
            @Override
            public byte[] digestKey() {
                return key;
            }

            @Override
            public String open(SecretValue.Sealed sealed) {
                throw new IllegalStateException("nothing is stored here");
            }
        };
    }
}

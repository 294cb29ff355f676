package io.penstock.spi;

import io.penstock.config.SecretValue;
import java.security.SecureRandom;

/**
 * What the engine needs of the stored secrets of consumers, kept by whoever stores them. Called beside the workers only.
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

package io.penstock.appliance;

import io.penstock.config.SecretValue;
import io.penstock.spi.CredentialSecrets;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the engine may know of what is stored in secret.
 *
 * @param stored of the secrets of consumers
 * @param values of those that entries of the configuration name, by their name
 */
record EngineSecrets(CredentialSecrets stored, Function<String, Optional<String>> values) implements CredentialSecrets {
    @Override
    public byte[] digestKey() {
        return stored.digestKey();
    }

    @Override
    public String open(SecretValue.Sealed sealed) {
        return stored.open(sealed);
    }

    @Override
    public Optional<String> named(String reference) {
        return values.apply(reference);
    }
}

package io.penstock.admin.secret;

import io.penstock.config.SecretValue;
import java.util.Optional;
import java.util.stream.Stream;

/** What becomes of a secret that has to be read back, on its way from an operator's words into a revision. Any thread. */
final class SecretSettling {
    private final SecretVault vault;

    SecretSettling(SecretVault vault) {
        this.vault = vault;
    }

    /**
     * Settles a value: what was given is encrypted, unless the resource has the same already; what is named by its id is kept, the
     * resource's own first, since a document may also have renamed that.
     *
     * @param own the value that the resource of this name had
     * @param before the values of all such resources as they were; closed by this
     * @return a value that is named and not known stays as it is, for somebody else to tell of
     * @throws io.penstock.admin.store.StoreRefused if the vault's key cannot be written
     */
    SecretValue settled(SecretValue wanted, Optional<SecretValue> own, Stream<SecretValue> before) {
        return switch (wanted) {
            case SecretValue.Sealed sealed -> sealed;
            case SecretValue.Kept kept ->
                Stream.concat(own.stream(), before)
                        .filter(value -> value instanceof SecretValue.Sealed sealed
                                && sealed.id().equals(kept.id()))
                        .findFirst()
                        .orElse(kept);
            case SecretValue.Given given ->
                own.filter(value -> value instanceof SecretValue.Sealed sealed
                                && vault.open(sealed).equals(given.text()))
                        .orElseGet(() -> vault.guarded(() -> vault.seal(given)));
            // Only credentials are; these have to be read back.
            case SecretValue.Hashed hashed -> hashed;
        };
    }
}

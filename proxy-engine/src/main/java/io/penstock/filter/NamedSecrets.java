package io.penstock.filter;

import io.penstock.config.SecretName;
import io.penstock.spi.FilterRefusedException;
import java.util.Optional;

/** Gives the values of secrets that entries name. Control thread only. */
@FunctionalInterface
public interface NamedSecrets {
    /** The value; empty if there is none that may be used. */
    Optional<String> named(String reference);

    /** The value, without which an entry cannot run. */
    default String required(SecretName name, String pointer) throws FilterRefusedException {
        return named(name.secret())
                .orElseThrow(() -> new FilterRefusedException(
                        pointer + "/secret", "the secret has no value here that could be read, or is disabled"));
    }
}

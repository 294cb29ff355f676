package io.penstock.config;

import java.time.Instant;
import java.util.Optional;

/** How a consumer proves who it is. What is stored of it never gives the secret away; its id is that of the stored secret. */
public sealed interface CredentialConfig permits ApiKeyCredentialConfig, BasicCredentialConfig, HmacCredentialConfig {
    /** The fewest characters of a secret that a program keeps: a shorter one could be guessed. */
    int KEY_CHARS_MIN = 16;

    /** The fewest characters of a password. */
    int PASSWORD_CHARS_MIN = 8;

    /** The text of the member {@code type}. */
    default String type() {
        return getClass().getAnnotation(TypeTag.class).value();
    }

    /** The secret: as it is given, as a document names it, or as it is stored. */
    SecretValue secret();

    /** When it stops to count. */
    Optional<Instant> expires();

    /** Whether it counts. */
    boolean enabled();

    /** This with another form of its secret. */
    CredentialConfig with(SecretValue secret);

    /** The id of what is stored or named to be kept; empty as long as the secret is merely given. */
    default Optional<String> id() {
        return switch (secret()) {
            case SecretValue.Given given -> Optional.empty();
            case SecretValue.Kept kept -> Optional.of(kept.id());
            case SecretValue.Sealed sealed -> Optional.of(sealed.id());
            case SecretValue.Hashed hashed -> Optional.of(hashed.id());
        };
    }

    /** The checks that all have in common. */
    private static ValueChecks checks(SecretValue secret, int charsMin, Optional<String> note) {
        int found = secret instanceof SecretValue.Given given ? given.text().length() : charsMin;
        ValueChecks checks = new ValueChecks()
                .require(
                        found >= charsMin,
                        "secret",
                        "found " + found + " characters, wanted at least " + charsMin
                                + ": a shorter one can be guessed");
        note.ifPresent(text -> checks.between("note", text.length(), 0, 1024));
        return checks;
    }

    /** Checks what a program keeps. */
    static ValueChecks checksOfKey(SecretValue secret, Optional<String> note) {
        return checks(secret, KEY_CHARS_MIN, note);
    }

    /** Checks what a person types. */
    static ValueChecks checksOfPassword(SecretValue secret, Optional<String> note) {
        return checks(secret, PASSWORD_CHARS_MIN, note);
    }
}

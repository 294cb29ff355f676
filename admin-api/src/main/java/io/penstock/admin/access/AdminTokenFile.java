package io.penstock.admin.access;

import io.penstock.admin.store.TokenRecord;
import java.time.Instant;
import java.util.Optional;

/** Says why the content of an admin token file is not taken, and what to do about it. */
final class AdminTokenFile {
    /** The shortest and longest content of a token file, after trimming. */
    static final int CHARS_MIN = 16;

    static final int CHARS_MAX = 256;

    private AdminTokenFile() {}

    /** Why a secret is no good for a token; empty if it is. */
    static Optional<String> unfit(String secret) {
        if (secret.length() < CHARS_MIN || secret.length() > CHARS_MAX) {
            return Optional.of("the admin token file must hold " + CHARS_MIN + " to " + CHARS_MAX
                    + " visible characters, found " + secret.length()
                    + ". Make one with: openssl rand -base64 32");
        }
        if (secret.chars().anyMatch(character -> character <= ' ' || character > '~')) {
            return Optional.of("the admin token file must hold one line of visible ASCII characters without spaces."
                    + " Make one with: openssl rand -base64 32");
        }
        return Optional.empty();
    }

    /** Why a token that is known already is none that may do everything; empty if it is one. */
    static Optional<String> whyNoAdmin(TokenRecord known, boolean isAdmin, Instant now) {
        String named =
                "the token in the admin token file is known already as \"" + known.name() + "\" (" + known.id() + ")";
        String wayOut = ". Put another one into the file, made with: openssl rand -base64 32";
        if (known.revoked().isPresent()) {
            return Optional.of(
                    named + ", which was revoked at " + known.revoked().get() + wayOut);
        }
        if (!known.isActive(now)) {
            return Optional.of(named + ", which expired at " + known.expires().orElseThrow() + wayOut);
        }
        if (!isAdmin) {
            return Optional.of(named + ", which may not do everything: it has the roles "
                    + String.join(", ", known.roles())
                    + (known.tags().isEmpty() ? "" : " for resources with the tags " + String.join(", ", known.tags()))
                    + ", and a file does not widen them"
                    + wayOut);
        }
        return Optional.empty();
    }
}

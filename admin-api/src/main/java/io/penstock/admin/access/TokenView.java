package io.penstock.admin.access;

import io.penstock.admin.store.TokenRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A token as it may be shown: everything but the secret.
 *
 * @param id names it in the API
 * @param origin {@code issued}, {@code claimed} (in exchange for the setup token) or {@code file}
 * @param state whether it is active, expired or revoked, in one of these words
 */
public record TokenView(
        String id,
        String name,
        List<String> roles,
        List<String> tags,
        String origin,
        String state,
        Optional<String> note,
        Instant created,
        String createdBy,
        Optional<Instant> expires,
        Optional<Instant> revoked,
        Optional<Instant> lastUsed) {

    /** @param used when it was used last, if that is later than the record says */
    static TokenView of(TokenRecord token, Optional<Instant> used, Instant now) {
        String state = token.revoked().isPresent() ? "revoked" : token.isActive(now) ? "active" : "expired";
        return new TokenView(
                token.id(),
                token.name(),
                token.roles(),
                token.tags(),
                token.origin(),
                state,
                token.note(),
                token.created(),
                token.createdBy(),
                token.expires(),
                token.revoked(),
                used.or(token::lastUsed));
    }
}

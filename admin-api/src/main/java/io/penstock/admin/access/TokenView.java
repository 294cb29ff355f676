package io.penstock.admin.access;

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
        Optional<Instant> lastUsed) {}

package io.penstock.admin.store;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Tokens on the disk. Any thread but a worker; a call that returns is durable, else it throws {@link StoreRefused}. */
public interface TokenRecords {

    /** Every token, revoked and expired ones too, oldest first. */
    List<TokenRecord> all();

    /**
     * Adds a token or replaces the one with its id, together with the audit line that says so.
     *
     * <p>A copy of all tokens beside the store is renewed first, so that a token revoked here does not come back when
     * the store is lost.
     *
     * @param answer to be given again to who asked for the token, stored with it or not at all
     */
    void put(TokenRecord token, AuditEvent event, Optional<KeptAnswer> answer);

    /** Notes when tokens were last used; does not wait for the disk. */
    CompletionStage<Void> used(Map<String, Instant> lastUsedById);
}

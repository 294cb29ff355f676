package io.penstock.admin.store;

import java.time.Instant;

/**
 * An {@code Idempotency-Key} that was used for a revision, kept for 24 hours.
 *
 * @param actor whose key it is: keys of different actors never meet
 * @param fingerprint of the request it came with, so that one key for two requests is noticed
 * @param revision the revision that the request made
 */
public record KeyUse(String actor, String key, String fingerprint, long revision, Instant expires) {}

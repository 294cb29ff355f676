package io.penstock.admin.store;

import java.time.Instant;

/**
 * The answer to a request with an {@code Idempotency-Key}, kept for 24 hours to be given again.
 *
 * @param owner id of the token whose key it is: keys of different tokens never meet
 * @param fingerprint of the request it came with, so that one key for two requests is noticed
 * @param sealed the answer, encrypted, in Base64: it may hold a secret, and the store holds none
 */
public record KeptAnswer(String owner, String key, String fingerprint, String sealed, Instant expires) {}

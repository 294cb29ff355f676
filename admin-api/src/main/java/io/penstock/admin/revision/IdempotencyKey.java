package io.penstock.admin.revision;

/**
 * An {@code Idempotency-Key} header: the same key of the same actor makes one revision, even over a restart.
 *
 * @param key 1 to 255 characters
 * @param fingerprint of method, path and body, so that one key for two requests is refused
 */
public record IdempotencyKey(String key, String fingerprint) {

    public IdempotencyKey {
        if (key.isEmpty() || key.length() > 255) {
            throw new IllegalArgumentException("an Idempotency-Key has 1 to 255 characters, found " + key.length());
        }
    }
}

package io.penstock.spi;

import io.penstock.metrics.LastUse;
import org.jspecify.annotations.Nullable;

/**
 * A consumer's credential that counts, as authenticators meet it.
 *
 * @param id of what is stored
 * @param identity whose it is
 * @param consumer opaque number of the consumer
 * @param proof what has to be proved against: nothing for an API key, which is found by all of itself; the hash of a
 *     password, in the words of {@code SecretValue.Hashed}; the bytes of a shared secret. Not to be written to
 * @param expiresEpochMs when it stops to count, {@link Long#MAX_VALUE} for never
 * @param lastUse when a request was last known by it
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by identity only.
public record Credential(
        String id, Identity identity, int consumer, byte[] proof, long expiresEpochMs, LastUse lastUse) {
    /** Finds credentials of the configuration that the worker serves. Confined to that worker. */
    public interface Lookup {
        /** The credential that is this API key. */
        @Nullable
        Credential apiKey(byte[] bytes, int offset, int length);

        /** The credential of a user name. */
        @Nullable
        Credential username(byte[] bytes, int offset, int length);

        /** Who a consumer of that name is. */
        @Nullable
        Identity consumer(String name);

        /** The credential of a shared secret's name. */
        @Nullable
        Credential keyId(byte[] bytes, int offset, int length);
    }

    /** Whether it has stopped to count. */
    public boolean isExpired(long epochMs) {
        return epochMs >= expiresEpochMs;
    }
}

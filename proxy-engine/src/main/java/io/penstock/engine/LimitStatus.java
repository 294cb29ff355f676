package io.penstock.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How one limit stands, over all workers.
 *
 * @param outcomes what it said to requests since it is counted by itself
 * @param tables where keys of all limits lie together; which of them are this limit's cannot be told, since only their hashes are kept
 * @param key how the one key stands that was asked for, or the limit's only one; absent where none was
 */
public record LimitStatus(Outcomes outcomes, List<TableStatus> tables, Optional<KeyStatus> key) {
    /** Requests, by what the limit said; and bodies that it paced. */
    public record Outcomes(
            long taken,
            long skipped,
            long rateLimited,
            long quotaExhausted,
            long concurrencyLimited,
            long tableFull,
            long keyMissing,
            long pacedBytes,
            long pacedMillis) {}

    /**
     * A table of keys.
     *
     * @param name {@code rates}, {@code quotas} or {@code permits}
     * @param slots how many keys fit
     * @param activeKeys those in use when the table was last gone through, about once a minute; absent where nobody counts them
     * @param full how often a key found no room
     */
    public record TableStatus(String name, long slots, Optional<Long> activeKeys, long full) {}

    /** How one key stands; absent is what the limit does not have. */
    public record KeyStatus(
            Optional<RateStatus> rate,
            Optional<QuotaStatus> quota,
            Optional<CircuitStatus.InUse> concurrency,
            Optional<BandwidthStatus> bandwidth) {}

    /**
     * A bucket.
     *
     * @param left permits that are in it now
     * @param fullInMillis how long until it is full
     */
    public record RateStatus(long burst, long left, long fullInMillis) {}

    /**
     * A window of the calendar.
     *
     * @param ends when the next one begins
     */
    public record QuotaStatus(long requests, long taken, Instant ends) {}

    /** How far the bytes that have passed lie ahead of the bandwidth, which those who bring more wait for. */
    public record BandwidthStatus(Optional<Long> requestAheadMillis, Optional<Long> responseAheadMillis) {}
}

package io.penstock.admin.store;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * The store's bounds.
 *
 * @param writesWaitingMax writes that may wait for the store's thread; one more is refused
 * @param revisionsMax revisions kept
 * @param revisionAgeMax revisions older than this are pruned
 * @param imageEvery the fewest revisions between two full images
 * @param auditLinesMax audit lines kept
 * @param exportPause the shortest time between two exported snapshots; an export that takes longer than a tenth of it
 *     stretches the pause to ten times its own duration
 * @param busyTimeout how long a write waits for someone else who holds the file, a backup for example
 * @param pagesMax the most pages of 4096 bytes that the file may have; empty means only the disk bounds it
 */
public record StoreOptions(
        int writesWaitingMax,
        int revisionsMax,
        Duration revisionAgeMax,
        int imageEvery,
        int auditLinesMax,
        Duration exportPause,
        Duration busyTimeout,
        OptionalLong pagesMax) {

    public static StoreOptions defaults() {
        return new StoreOptions(
                1024,
                10_000,
                Duration.ofDays(90),
                100,
                1_000_000,
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                OptionalLong.empty());
    }

    public StoreOptions withPagesMax(long pages) {
        return new StoreOptions(
                writesWaitingMax,
                revisionsMax,
                revisionAgeMax,
                imageEvery,
                auditLinesMax,
                exportPause,
                busyTimeout,
                OptionalLong.of(pages));
    }

    public StoreOptions withAuditLinesMax(int most) {
        return new StoreOptions(
                writesWaitingMax, revisionsMax, revisionAgeMax, imageEvery, most, exportPause, busyTimeout, pagesMax);
    }
}

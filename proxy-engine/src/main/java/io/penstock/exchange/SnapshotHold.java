package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.Snapshot;
import io.penstock.snapshot.SnapshotPin;
import org.jspecify.annotations.Nullable;

/** One exchange's hold on the snapshot that was current when it began: on all of it, and a shorter one on its route table. */
@WorkerConfined
final class SnapshotHold {
    /** Null between exchanges. */
    private @Nullable SnapshotPin pin;

    private boolean holdsTable;

    void take(SnapshotPin current) {
        current.acquire();
        pin = current;
        holdsTable = true;
    }

    Snapshot snapshot() {
        return pin().snapshot();
    }

    /** The table is not read any more; may be said again. */
    void releaseTable() {
        if (holdsTable) {
            holdsTable = false;
            pin().releaseTable();
        }
    }

    void release() {
        releaseTable();
        pin().release();
        pin = null;
    }

    private SnapshotPin pin() {
        SnapshotPin held = pin;
        if (held == null) {
            throw new IllegalStateException("the exchange holds no snapshot");
        }
        return held;
    }
}

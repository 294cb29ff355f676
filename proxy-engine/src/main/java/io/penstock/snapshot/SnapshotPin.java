package io.penstock.snapshot;

import io.penstock.mark.WorkerConfined;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One worker's hold on one snapshot, counted in plain fields. There are two counts because they end at different times:
 * the route table is needed until the upstream's head is written, the filters until the exchange ends.
 */
@WorkerConfined
public final class SnapshotPin {
    final Snapshot snapshot;
    private final SnapshotPins owner;
    int tableUses;
    int exchangeUses;
    List<FilterSlot> retiredByNext = List.of();

    @Nullable
    SnapshotPin next;

    SnapshotPin(SnapshotPins owner, Snapshot snapshot) {
        this.owner = owner;
        this.snapshot = snapshot;
    }

    /** The snapshot held. */
    public Snapshot snapshot() {
        return snapshot;
    }

    /** Begins an exchange, which holds both the table and the filters. */
    public void acquire() {
        tableUses++;
        exchangeUses++;
    }

    /** The exchange needs the route table no more; once per {@link #acquire}. */
    public void releaseTable() {
        if (--tableUses == 0 && next != null) {
            owner.advance();
        }
    }

    /** The exchange has ended; once per {@link #acquire}, after {@link #releaseTable}. */
    public void release() {
        if (--exchangeUses == 0 && next != null) {
            owner.advance();
        }
    }
}

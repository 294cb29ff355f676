package io.penstock.snapshot;

import io.penstock.mark.WorkerConfined;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The snapshots one worker still uses, from the oldest that an exchange holds to the current one. Lets the control thread
 * know when a route table is no longer read, and closes this worker's instances of filters that no exchange can reach.
 */
@WorkerConfined
public final class SnapshotPins {
    private final int worker;
    private final Pins pins;
    private SnapshotPin oldestTable;
    private SnapshotPin oldest;
    private SnapshotPin current;

    /** Begins with the snapshot that is current at start. */
    public SnapshotPins(int worker, Pins pins, Snapshot first) {
        this.worker = worker;
        this.pins = pins;
        this.current = new SnapshotPin(this, first);
        this.oldest = current;
        this.oldestTable = current;
        pins.holdFrom(worker, first.table().version());
    }

    /** The pin new exchanges take. */
    public SnapshotPin current() {
        return current;
    }

    /**
     * Makes another snapshot current. Does not fail.
     *
     * @param retired filters that the snapshots so far may run and {@code next} does not
     */
    public void adopt(Snapshot next, List<FilterSlot> retired) {
        SnapshotPin pin = new SnapshotPin(this, next);
        current.retiredByNext = retired;
        current.next = pin;
        current = pin;
        advance();
    }

    /** Closes the filters that are left when the worker stops: every exchange has been cut. */
    public void close() {
        Set<FilterSlot> left = Collections.newSetFromMap(new IdentityHashMap<>());
        for (SnapshotPin pin = oldest; pin != null; pin = pin.next) {
            left.addAll(pin.retiredByNext);
        }
        current.snapshot.routes().forEach(route -> Collections.addAll(left, route.filters()));
        left.forEach(slot -> slot.close(worker));
        pins.holdFrom(worker, Long.MAX_VALUE);
    }

    void advance() {
        boolean hasMoved = false;
        while (oldestTable.next != null && oldestTable.tableUses == 0) {
            oldestTable = oldestTable.next;
            hasMoved = true;
        }
        if (hasMoved) {
            pins.holdFrom(worker, oldestTable.snapshot.table().version());
        }
        while (oldest.next != null && oldest.exchangeUses == 0) {
            for (FilterSlot slot : oldest.retiredByNext) {
                slot.close(worker);
            }
            oldest = oldest.next;
        }
    }
}

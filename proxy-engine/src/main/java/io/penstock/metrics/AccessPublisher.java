package io.penstock.metrics;

import io.penstock.mark.WorkerConfined;

/**
 * One worker's end of its ring of access records: claim a slot, fill it, publish it. Never waits, signals or locks.
 *
 * <p>When the ring is full the record that is handed out leads nowhere: filling and publishing it is harmless and the drop is
 * counted, so callers need not look.
 */
@WorkerConfined
public final class AccessPublisher {
    private final AccessRing ring;
    private final WorkerCounters counters;
    private final AccessRecord record;
    private final AccessRecord nowhere;
    private boolean isClaimed;

    AccessPublisher(AccessRing ring, int textBytes, WorkerCounters counters) {
        this.ring = ring;
        this.counters = counters;
        this.record = new AccessRecord(ring.slots(), textBytes);
        this.nowhere = new AccessRecord(textBytes);
    }

    /** A cleared record to fill; to be published before the next is claimed. */
    public AccessRecord claim() {
        int slot = ring.claim();
        if (slot < 0) {
            counters.add(Counter.ACCESS_RECORDS_DROPPED);
            nowhere.clear();
            return nowhere;
        }
        isClaimed = true;
        record.turnTo(slot);
        record.clear();
        return record;
    }

    /** Hands the claimed record over; nothing may be set in it afterwards. */
    public void publish() {
        if (!isClaimed) {
            return;
        }
        isClaimed = false;
        record.store();
        if (record.isTruncated()) {
            counters.add(Counter.ACCESS_RECORDS_TRUNCATED);
        }
        counters.add(Counter.ACCESS_RECORDS);
        ring.publish();
    }
}

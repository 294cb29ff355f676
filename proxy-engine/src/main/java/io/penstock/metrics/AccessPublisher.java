package io.penstock.metrics;

import com.lmax.disruptor.RingBuffer;
import io.penstock.mark.WorkerConfined;

/**
 * One worker's end of its ring of access records: claim a slot, fill it, publish it. Never waits, signals or locks.
 *
 * <p>When the ring is full the record that is handed out leads nowhere: filling and publishing it is harmless and the drop is
 * counted, so callers need not look.
 */
@WorkerConfined
public final class AccessPublisher {
    private static final long NOTHING = -1;

    private final RingBuffer<byte[]> ring;
    private final WorkerCounters counters;
    private final AccessRecord record;
    private final AccessRecord nowhere;
    private long claimed = NOTHING;

    /** @param slots the ring's slots, as many as it has entries */
    AccessPublisher(RingBuffer<byte[]> ring, byte[] slots, int textBytes, WorkerCounters counters) {
        this.ring = ring;
        this.counters = counters;
        this.record = new AccessRecord(slots, textBytes);
        this.nowhere = new AccessRecord(textBytes);
    }

    /** A cleared record to fill; to be published before the next is claimed. */
    public AccessRecord claim() {
        if (!ring.hasAvailableCapacity(1)) {
            counters.add(Counter.ACCESS_RECORDS_DROPPED);
            nowhere.clear();
            return nowhere;
        }
        claimed = ring.next();
        record.turnTo((int) claimed & ring.getBufferSize() - 1);
        record.clear();
        return record;
    }

    /** Hands the claimed record over; nothing may be set in it afterwards. */
    public void publish() {
        if (claimed == NOTHING) {
            return;
        }
        record.store();
        if (record.isTruncated()) {
            counters.add(Counter.ACCESS_RECORDS_TRUNCATED);
        }
        counters.add(Counter.ACCESS_RECORDS);
        ring.publish(claimed);
        claimed = NOTHING;
    }
}

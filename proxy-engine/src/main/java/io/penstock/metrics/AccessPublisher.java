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

    private final RingBuffer<AccessRecord> ring;
    private final WorkerCounters counters;
    private final AccessRecord nowhere;
    private AccessRecord current;
    private long claimed = NOTHING;

    AccessPublisher(RingBuffer<AccessRecord> ring, WorkerCounters counters, AccessRecord nowhere) {
        this.ring = ring;
        this.counters = counters;
        this.nowhere = nowhere;
        this.current = nowhere;
    }

    /** A cleared record to fill; to be published before the next is claimed. */
    public AccessRecord claim() {
        if (ring.hasAvailableCapacity(1)) {
            claimed = ring.next();
            current = ring.get(claimed);
        } else {
            counters.add(Counter.ACCESS_RECORDS_DROPPED);
            current = nowhere;
        }
        current.clear();
        return current;
    }

    /** Hands the claimed record over; nothing may be set in it afterwards. */
    public void publish() {
        if (claimed == NOTHING) {
            return;
        }
        if (current.isTruncated()) {
            counters.add(Counter.ACCESS_RECORDS_TRUNCATED);
        }
        counters.add(Counter.ACCESS_RECORDS);
        ring.publish(claimed);
        claimed = NOTHING;
    }
}

package io.penstock.metrics;

import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SingleProducerSequencer;
import io.penstock.mark.SharedByWorkers;
import java.util.Arrays;

/**
 * A worker's ring of access records, and how far the log's thread has come in it. The worker claims, fills and publishes; the
 * log's thread takes and gives back. The Disruptor orders who may touch which record; the records' slots lie side by side in
 * one array, so that both find them by arithmetic.
 *
 * <p>While the log's thread keeps up, records go into the same few slots again and again, which stay in the core's cache; the
 * rest of the ring's megabytes is there for when it does not. Measured against slots in the order of their numbers: see
 * PERFORMANCE.md.
 */
@SharedByWorkers
final class AccessRing {
    /** As many as come between two passes of the log's thread at 100 000 requests a second; some 200 KB of them are used. */
    private static final int NEAR_SLOTS_MAX = 512;

    private static final int NO_SLOT = -1;
    private static final long NEVER = SingleProducerSequencer.INITIAL_CURSOR_VALUE;

    private final SingleProducerSequencer order;
    private final Sequence done = new Sequence(NEVER);
    private final byte[] slots;
    private final int mask;

    /** The slot of each record between the two ends; written before the record is published, read after. */
    private final int[] slotOf;

    // The worker's own: who was last in each of the near slots, which are taken in turn, as the far ones are.
    private final long[] lastInNear;
    private int near;
    private int far;
    private long doneSeen = NEVER;
    private long claimed = NEVER;

    AccessRing(AccessLogBounds bounds) {
        slots = AccessRecord.slots(bounds.slots(), bounds.textBytes());
        mask = bounds.slots() - 1;
        slotOf = new int[bounds.slots()];
        lastInNear = new long[Math.min(NEAR_SLOTS_MAX, bounds.slots())];
        Arrays.fill(lastInNear, NEVER);
        far = lastInNear.length;
        order = new SingleProducerSequencer(bounds.slots(), new TimerWait());
        order.addGatingSequences(done);
    }

    /** All slots, as many as there may be records between the two ends. */
    byte[] slots() {
        return slots;
    }

    // ---- the worker's end ----

    /** The slot for the next record, to be published before another is claimed; negative if there is none. */
    int claim() {
        if (!order.hasAvailableCapacity(1)) {
            return NO_SLOT;
        }
        claimed = order.next();
        int slot = freeSlot();
        slotOf[(int) claimed & mask] = slot;
        return slot;
    }

    // Slots of either kind come free in the order in which they were taken. So if the next near one is not free, none
    // is; and since there is room for one record more, the next far one is.
    private int freeSlot() {
        long last = lastInNear[near];
        if (last > doneSeen) {
            doneSeen = done.get();
        }
        if (last <= doneSeen) {
            int slot = near;
            lastInNear[slot] = claimed;
            near = slot + 1 == lastInNear.length ? 0 : slot + 1;
            return slot;
        }
        int slot = far;
        far = slot == mask ? lastInNear.length : slot + 1;
        return slot;
    }

    void publish() {
        order.publish(claimed);
    }

    // ---- the log's end ----

    /** Records published and not taken yet. */
    long waiting() {
        return order.getCursor() - done.get();
    }

    /** The number of the first record that was not taken yet. */
    long first() {
        return done.get() + 1;
    }

    /** Where a record lies that was published and not given back. */
    int slotOf(long number) {
        return slotOf[(int) number & mask];
    }

    /** The worker may use the slots of all records up to this one again. */
    void giveBack(long last) {
        done.set(last);
    }
}

package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many are inside at once, exact over all workers. Any thread, lock-free, without allocation. */
@SharedByWorkers
public final class Occupancy {
    // 128 bytes before and behind it, whatever lies there.
    private static final int INSIDE = 16;
    private static final int CELLS = 32;

    private final AtomicLongArray cells = new AtomicLongArray(CELLS);

    /** Enters unless {@code max} are inside already. @return whether {@link #leave} must follow */
    public boolean tryEnter(long max) {
        long inside = cells.get(INSIDE);
        while (inside < max) {
            long found = cells.compareAndExchange(INSIDE, inside, inside + 1);
            if (found == inside) {
                return true;
            }
            inside = found;
        }
        return false;
    }

    /** Leaves what was entered. */
    public void leave() {
        long before = cells.getAndAdd(INSIDE, -1);
        assert before > 0 : before + " were inside when one left";
    }

    /** How many are inside now. */
    public long inside() {
        return cells.get(INSIDE);
    }
}

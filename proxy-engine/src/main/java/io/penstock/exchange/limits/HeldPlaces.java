package io.penstock.exchange.limits;

import io.penstock.limit.KeyHash;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;
import java.util.Arrays;

/** The places of concurrency limits that one exchange holds, from its limits to its end. */
@WorkerConfined
final class HeldPlaces {
    // As many as the exchange's route and caller have limits.
    private int[] cells = new int[4];
    private int count;

    /** Takes a place of a limit for a key. */
    LimitOutcome take(KeyedPermitTable table, LimitPlan plan, KeyHash key) {
        int cell = table.tryAcquire(key.high(), key.low(), plan.concurrency());
        if (cell >= 0) {
            if (count == cells.length) {
                cells = Arrays.copyOf(cells, 2 * count);
            }
            cells[count++] = cell;
            return LimitOutcome.TAKEN;
        }
        if (cell == KeyedPermitTable.REFUSED) {
            return LimitOutcome.CONCURRENCY_LIMITED;
        }
        return plan.allowsWhenFull() ? LimitOutcome.TAKEN : LimitOutcome.TABLE_FULL;
    }

    /** Gives all of them back. */
    void release(KeyedPermitTable table) {
        while (count > 0) {
            table.release(cells[--count]);
        }
    }
}

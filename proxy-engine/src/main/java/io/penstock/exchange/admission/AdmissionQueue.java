package io.penstock.exchange.admission;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of one class that wait for one admission on one worker, in the order they came. Links lie in the waits
 * themselves, so that waiting allocates nothing and leaving costs the same anywhere in the queue.
 */
@WorkerConfined
final class AdmissionQueue {
    private @Nullable Waiter oldest;
    private @Nullable Waiter newest;
    private int size;

    int size() {
        return size;
    }

    // Null if nobody waits.
    @Nullable
    Waiter oldest() {
        return oldest;
    }

    // Null if nobody waits.
    @Nullable
    Waiter newest() {
        return newest;
    }

    void add(Waiter wait) {
        Waiter before = newest;
        wait.previous = before;
        wait.next = null;
        if (before == null) {
            oldest = wait;
        } else {
            before.next = wait;
        }
        newest = wait;
        size++;
    }

    void remove(Waiter wait) {
        Waiter before = wait.previous;
        Waiter after = wait.next;
        if (before == null) {
            oldest = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.previous = before;
        }
        wait.previous = null;
        wait.next = null;
        size--;
    }
}

package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of one class that wait for one admission on one worker, in the order they came. Links lie in the waits
 * themselves, so that waiting allocates nothing and leaving costs the same anywhere in the queue.
 */
@WorkerConfined
final class AdmissionQueue {
    private @Nullable AdmissionWait oldest;
    private @Nullable AdmissionWait newest;
    private int size;

    int size() {
        return size;
    }

    // Null if nobody waits.
    @Nullable
    AdmissionWait oldest() {
        return oldest;
    }

    // Null if nobody waits.
    @Nullable
    AdmissionWait newest() {
        return newest;
    }

    void add(AdmissionWait wait) {
        AdmissionWait before = newest;
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

    void remove(AdmissionWait wait) {
        AdmissionWait before = wait.previous;
        AdmissionWait after = wait.next;
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

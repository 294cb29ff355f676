package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one worker that wait for a connection to one upstream, oldest first. Links lie in the requests
 * themselves, so that waiting allocates nothing and cancelling costs the same anywhere in the queue. Its bound is the
 * upstream's pending permit.
 */
@WorkerConfined
final class PendingQueue {
    private @Nullable OpenRequest first;
    private @Nullable OpenRequest last;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    // Null if the queue is empty.
    @Nullable
    OpenRequest first() {
        return first;
    }

    void add(OpenRequest request) {
        OpenRequest tail = last;
        request.queuePrevious = tail;
        request.queueNext = null;
        request.isQueued = true;
        if (tail == null) {
            first = request;
        } else {
            tail.queueNext = request;
        }
        last = request;
        size++;
    }

    void remove(OpenRequest request) {
        OpenRequest previous = request.queuePrevious;
        OpenRequest next = request.queueNext;
        if (previous == null) {
            first = next;
        } else {
            previous.queueNext = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.queuePrevious = previous;
        }
        request.queuePrevious = null;
        request.queueNext = null;
        request.isQueued = false;
        size--;
    }
}

package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;

/**
 * How many bodies a worker decodes at a time. Each holds up to some megabytes outside of the heap, by what its coding says
 * of its window, so that their number must have a bound.
 */
@WorkerConfined
public final class OpenCodings {
    /** How many there may be on one worker. */
    public static final int OPEN_MAX = 256;

    private int open;

    boolean tryOpen() {
        if (open == OPEN_MAX) {
            return false;
        }
        open++;
        return true;
    }

    void closed() {
        open--;
    }

    /** How many there are. */
    public int open() {
        return open;
    }
}

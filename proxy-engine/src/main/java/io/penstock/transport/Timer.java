package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens at a time, unless it is disarmed before. Embedded in what it guards (a connection, an exchange) and
 * used again and again: arming it allocates nothing.
 *
 * @see TimerWheel
 */
@WorkerConfined
public abstract class Timer {
    /** The list it hangs in, or {@link #NOT_ARMED}. */
    int slot = NOT_ARMED;

    /** The tick its place in the wheel stands for; its deadline may have moved to later since. */
    long tick;

    long deadlineNs;

    /** Absent at the ends of the slot's list and while not armed. */
    @Nullable
    Timer previous;

    @Nullable
    Timer next;

    static final int NOT_ARMED = -1;

    /** The deadline has passed. The timer is not armed any more and may be armed again from here. */
    protected abstract void expired(long nowNs);

    /** Whether it waits for its deadline. */
    public final boolean isArmed() {
        return slot != NOT_ARMED;
    }
}

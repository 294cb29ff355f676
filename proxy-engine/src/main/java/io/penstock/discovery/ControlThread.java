package io.penstock.discovery;

import java.time.Duration;
import java.time.Instant;

/** The control thread, as far as discovery needs it. */
public interface ControlThread {
    /** Runs a task on the control thread. Any thread; tasks of one thread keep their order. */
    void post(Runnable task);

    /** Runs a task on the control thread after a delay. A task that is no longer wanted finds that out itself. */
    void after(Duration delay, Runnable task);

    /** The monotonic clock, in nanoseconds. */
    long nowNs();

    /** The time of day. */
    Instant now();
}

package io.penstock.spi;

import io.penstock.metrics.Counter;
import java.util.function.Supplier;

/** What a filter may ask of its worker. Every method is called on that worker. */
public interface FilterWorker {
    /** Which worker it is. */
    WorkerId id();

    /** The worker's clock, in nanoseconds; monotonic, read once per turn of the loop. */
    long nowNs();

    /**
     * Runs a task on this worker after a delay of at least {@code delayNs}, to the coarseness of the timer wheel.
     *
     * @return a handle that cancels it
     */
    Scheduled schedule(long delayNs, Runnable task);

    /**
     * Lets a suspended exchange go on with the filter's verdict, which must not be {@link Verdict#SUSPENDED}. A ticket
     * whose exchange has ended or was resumed already is ignored.
     */
    void resume(long ticket, Verdict verdict);

    /** Runs a task on this worker soon. The only method that every thread may call. */
    void post(Runnable task);

    /** The time of day in milliseconds since 1970, to the coarseness of the loop's turn. */
    long epochMs();

    /** Adds one to a counter. */
    default void count(Counter counter) {}

    /** Requests of the filter's own. */
    Outbound outbound();

    /**
     * Takes a permit of a named limit of the config for a key of the filter's choosing.
     *
     * @return 0 if taken; else the nanoseconds to wait; {@link #NO_SUCH_LIMIT} or {@link #TABLE_FULL}
     */
    long tryAcquire(String limit, String key);

    /**
     * Takes a token that may be taken once in a while, over all workers.
     *
     * @param purpose tells tokens of one kind from others
     * @return 0 if it was taken; else the nanoseconds for which it is taken already, or {@link #TABLE_FULL}
     */
    default long takeOnce(String purpose, byte[] token, int length, long withinNs) {
        throw new UnsupportedOperationException("nothing is remembered here");
    }

    /** Finds credentials of the configuration that the worker serves. */
    default Credential.Lookup credentials() {
        throw new UnsupportedOperationException("nobody's credentials are known here");
    }

    /**
     * What filters keep on this worker together, over revisions, one of each type; made when it is first asked for.
     *
     * @param type of the package of who asks, so that nobody else finds it
     */
    default <T> T kept(Class<T> type, Supplier<T> make) {
        throw new UnsupportedOperationException("nothing is kept here");
    }

    /** The config has no limit of that name. */
    long NO_SUCH_LIMIT = -1;

    /** The table of keys is full. */
    long TABLE_FULL = -2;

    /** A task that waits for its time. */
    interface Scheduled {
        /** Forgets the task; of no effect once it has run. */
        void cancel();
    }
}

package io.penstock.spi;

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

    /** A task that waits for its time. */
    interface Scheduled {
        /** Forgets the task; of no effect once it has run. */
        void cancel();
    }
}

package io.penstock.spi;

/** A filter whose config is checked; opens one instance per worker. Owned by the snapshot that names it. */
public interface PreparedFilter {
    /** What operators call it, in {@code explain}, in the trail and in metrics. */
    String name();

    /** Where it runs. */
    FilterPhase phase();

    /** Whether {@link Filter#onRequest} does anything. */
    boolean hasRequestHook();

    /** Whether {@link Filter#onResponse} does anything. */
    boolean hasResponseHook();

    /**
     * Opens the instance of one worker. Called on a preparation thread, never on a worker; may take long. A filter
     * without state may return the same instance for every worker.
     *
     * @throws FilterRefusedException if it cannot run
     */
    Filter open(WorkerId worker) throws FilterRefusedException;
}

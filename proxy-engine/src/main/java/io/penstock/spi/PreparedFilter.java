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
     * Opens the instance of one worker. Called beside the workers, never on one; may take long only where
     * {@link FilterProvider#isSlowToOpen} says so, and then has to end when its thread is interrupted. A filter without
     * state may return the same instance for every worker; it is closed by each of them.
     *
     * @throws FilterRefusedException if it cannot run
     */
    Filter open(WorkerId worker) throws FilterRefusedException;
}

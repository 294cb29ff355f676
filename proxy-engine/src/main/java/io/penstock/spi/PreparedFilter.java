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

    /** Whether {@link Filter#onUpstreamRequest} does anything. */
    default boolean hasUpstreamRequestHook() {
        return false;
    }

    /** Whether {@link Filter#onRequestBody} does anything; the body's length is unknown from then on, unless kept. */
    default boolean hasRequestBodyHook() {
        return false;
    }

    /** Whether {@link Filter#onResponseBody} does anything; the body's length is unknown from then on, unless kept. */
    default boolean hasResponseBodyHook() {
        return false;
    }

    /** Whether body hooks give as many bytes as they take, so that a known length stays. */
    default boolean keepsBodyLength() {
        return false;
    }

    /**
     * Whether its body hooks and {@link FilterCall#readBody} get bodies without their content coding (gzip, deflate, br, zstd).
     * What passes its hooks is coded again. All body hooks of a message then see it so. A body of another coding is shown as it
     * is: see {@link BodyCodings}.
     */
    default boolean decodesBody() {
        return false;
    }

    /** Whether {@link Filter#onResponseTrailers} does anything. */
    default boolean hasTrailersHook() {
        return false;
    }

    /** Whether {@link Filter#onError} does anything. */
    default boolean hasErrorHook() {
        return false;
    }

    /**
     * Whether the filter tells itself what its hooks cost, by {@link FilterCall#cost} and metrics of its own. Of all others the
     * gateway counts the calls and takes the time of some.
     */
    default boolean tellsCost() {
        return false;
    }

    /** Whether {@link Filter#onLog} does anything. */
    default boolean hasLogHook() {
        return false;
    }

    /**
     * Whether an exchange goes on as if this filter were not there when it throws, says {@code filter-failed} or does not
     * resume in time. Never so in {@link FilterPhase#AUTH}, whatever this says.
     */
    default boolean isSkippedOnFailure() {
        return false;
    }

    /**
     * Opens the instance of one worker. Called beside the workers, never on one; may take long only where
     * {@link FilterProvider#isSlowToOpen} says so, and then has to end when its thread is interrupted. A filter without
     * state may return the same instance for every worker; it is closed by each of them.
     *
     * @throws FilterRefusedException if it cannot run
     */
    Filter open(WorkerId worker) throws FilterRefusedException;
}

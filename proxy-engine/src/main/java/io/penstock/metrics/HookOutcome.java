package io.penstock.metrics;

/** What came of a hook. */
public enum HookOutcome {
    /** The exchange went on. */
    CONTINUED,
    /** The hook answered instead of the upstream. */
    ANSWERED,
    /** The exchange ended while the hook was waited for. */
    CANCELLED,
    /** The hook failed, or could not be called. */
    FAILED
}

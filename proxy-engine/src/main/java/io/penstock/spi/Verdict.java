package io.penstock.spi;

import io.penstock.metrics.Reason;

/**
 * What a filter says at the end of a hook. The two verdicts of the ordinary course are constants, so that saying them
 * allocates nothing.
 */
public sealed interface Verdict {
    /** Go on. */
    Verdict CONTINUE = new Continue();

    /** The filter called {@link FilterCall#suspend()} and will resume later. */
    Verdict SUSPENDED = new Suspended();

    /** Go on with the next filter. */
    record Continue() implements Verdict {}

    /** Nothing moves until {@link FilterWorker#resume} is called with the ticket. */
    record Suspended() implements Verdict {}

    /** The request is answered here; in a response hook, this answer replaces the upstream's. */
    record Answered(Answer answer) implements Verdict {}

    /**
     * The filter could not do its work; the exchange ends with the reason's status.
     *
     * @param detail one sentence for the trail, never for the client
     * @param code the filter's own stable code of what went wrong, ASCII, for the trail; empty if it has none
     */
    record Failed(Reason reason, String detail, String code) implements Verdict {
        /** Without a code of the filter's own. */
        public Failed(Reason reason, String detail) {
            this(reason, detail, "");
        }
    }
}

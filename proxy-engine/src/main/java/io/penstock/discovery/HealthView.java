package io.penstock.discovery;

import java.time.Instant;
import java.util.Optional;

/**
 * How healthy one endpoint is, for people.
 *
 * @param takesRequests whether requests are sent to it; an endpoint that is not healthy takes them in a panic
 * @param why one sentence about how it came to this
 * @param since when the state began
 * @param ejectedUntil when its ejection ends, if it is ejected
 * @param ejections how often it was ejected lately: the next one lasts so many times longer, and one more
 * @param warmingUntil when its weight is whole again, if it grows
 * @param lastCheck what came of the last check; empty if there was none
 * @param lastCheckAt when that was
 */
public record HealthView(
        State state,
        boolean takesRequests,
        String why,
        Instant since,
        Optional<Instant> ejectedUntil,
        int ejections,
        Optional<Instant> warmingUntil,
        Optional<String> lastCheck,
        Optional<Instant> lastCheckAt) {
    /** What is thought of an endpoint. */
    public enum State {
        /** Nothing speaks against it. */
        HEALTHY,
        /** No check has been answered yet. */
        UNCHECKED,
        /** Its checks fail. */
        UNHEALTHY,
        /** Requests failed at it, so that it is left out for a time. */
        EJECTED
    }
}

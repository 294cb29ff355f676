package io.penstock.admin.acme;

import io.penstock.config.Choice;
import java.time.Instant;
import java.util.Optional;

/**
 * How it stands with a certificate that an authority issues.
 *
 * @param failures orders that came to nothing since the last that did not
 * @param renewAt when the one that is served is due to be ordered anew; absent while there is none
 * @param nextAttempt when it is ordered next at the earliest; absent while an order is under way
 * @param lastAttempt when it was ordered last, by this process
 * @param lastError what the last order came to, in the authority's words where it has said some
 */
public record Issuance(
        State state,
        int failures,
        Optional<Instant> renewAt,
        Optional<Instant> nextAttempt,
        Optional<Instant> lastAttempt,
        Optional<String> lastError) {
    /** What is going on. */
    public enum State implements Choice {
        /** There is none yet. */
        PENDING("pending"),
        /** An order is under way. */
        ORDERING("ordering"),
        /** It is issued and not due. */
        VALID("valid"),
        /** The last order came to nothing; what was served before goes on. */
        FAILING("failing"),
        /** It is issued, and waits to be written, since no revision can be made at the moment. */
        UNWRITTEN("unwritten"),
        /** Nothing is ordered: the certificate or its account is disabled. */
        DISABLED("disabled");

        private final String text;

        State(String text) {
            this.text = text;
        }

        @Override
        public String text() {
            return text;
        }
    }
}

package io.penstock.admin.access;

import java.time.Duration;

/** What became of a token that was presented. */
public sealed interface AuthResult {

    /** Recognised. */
    record Recognised(Principal principal) implements AuthResult {}

    /** Not recognised: 401. The answer says no more than {@link Why#text}. */
    record Refused(Why why) implements AuthResult {}

    /** Too many failed attempts from this source: 429 with {@code Retry-After}. */
    record Throttled(Duration retryAfter) implements AuthResult {}

    /** Why a token was not recognised. */
    enum Why {
        MISSING("a bearer token is needed"),
        UNKNOWN("the token is not known"),
        EXPIRED("the token has expired"),
        REVOKED("the token was revoked");

        private final String text;

        Why(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}

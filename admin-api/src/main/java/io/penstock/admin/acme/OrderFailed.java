package io.penstock.admin.acme;

import java.time.Instant;
import java.util.Optional;

/** Why an order came to nothing, in words for operators: the authority's own where it has said some. */
final class OrderFailed extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Optional<Instant> notBefore;

    OrderFailed(String message) {
        super(message);
        this.notBefore = Optional.empty();
    }

    OrderFailed(String message, Throwable cause) {
        this(message, cause, Optional.empty());
    }

    /** @param notBefore when the authority wants to be asked again at the earliest */
    OrderFailed(String message, Throwable cause, Optional<Instant> notBefore) {
        super(message, cause);
        this.notBefore = notBefore;
    }

    Optional<Instant> notBefore() {
        return notBefore;
    }
}

package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.jspecify.annotations.Nullable;

/** Why a parser refused its input; what the parts of a parser write into, first come first kept. */
@WorkerConfined
final class Refusal {
    /** Null while nothing is refused. */
    private @Nullable Reason reason;

    private String detail = "";

    /**
     * Notes a refusal.
     *
     * @return false, so that a check can end with it
     */
    boolean refuse(Reason why, String what) {
        if (reason == null) {
            reason = why;
            detail = what;
        }
        return false;
    }

    boolean isRefused() {
        return reason != null;
    }

    Reason reason() {
        if (reason == null) {
            throw new IllegalStateException("nothing was refused");
        }
        return reason;
    }

    String detail() {
        return detail;
    }

    void clear() {
        reason = null;
        detail = "";
    }
}

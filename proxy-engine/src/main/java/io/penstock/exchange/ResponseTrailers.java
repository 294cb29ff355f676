package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/** The trailers of one response on their way past the hooks that look at them; the response ends behind the last of these. */
@WorkerConfined
final class ResponseTrailers {
    private final Exchange exchange;
    private final FilterRun filters;
    private final Fields noFields;

    /** A copy of the trailers that outlives their stream; null as long as none was needed. */
    private @Nullable Fields kept;

    private boolean hasHooks;
    private int next = FilterChain.NONE;

    ResponseTrailers(Exchange exchange, FilterRun filters, Fields noFields) {
        this.exchange = exchange;
        this.filters = filters;
        this.noFields = noFields;
    }

    /** Looks who wants to see them. @return whether anybody does */
    boolean begin() {
        hasHooks = filters.chain().first(Hook.TRAILERS) != FilterChain.NONE;
        return hasHooks;
    }

    /**
     * Keeps those that the endpoint sent.
     *
     * @param isChanged whether the body is not the one that they were sent with
     */
    void keep(Fields received, boolean isChanged) {
        Fields copy = fields();
        copy.copyFrom(received);
        if (isChanged) {
            BodyFields.dropDigests(copy);
        }
    }

    /** The trailers as hooks see and edit them. */
    Fields fields() {
        Fields own = kept;
        if (own == null) {
            own = new Fields();
            kept = own;
        }
        return own;
    }

    /** The body has ended: the hooks run, then the response ends. */
    void end() {
        if (hasHooks) {
            next = filters.chain().first(Hook.TRAILERS);
            goOn();
        } else {
            finish();
        }
    }

    /** Runs the hooks not run yet; also when one that was waited for has come to its verdict. */
    void goOn() {
        while (next != FilterChain.NONE) {
            int at = next;
            next = filters.chain().next(Hook.TRAILERS, at);
            if (!filters.enterTrailers(at)) {
                return;
            }
        }
        finish();
    }

    private void finish() {
        Fields own = kept;
        exchange.finishResponse(own == null ? noFields : own);
    }

    void reset() {
        Fields own = kept;
        if (own != null) {
            own.reset();
        }
        hasHooks = false;
        next = FilterChain.NONE;
    }
}

package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.OpenRequest;
import io.penstock.upstream.Upstream;
import io.penstock.upstream.UpstreamFailure;
import io.penstock.upstream.UpstreamFailure.Retry;
import io.penstock.upstream.UpstreamStream;
import io.penstock.upstream.UpstreamStreamHandler;
import org.jspecify.annotations.Nullable;

/**
 * One try of one exchange's request: its way to an endpoint, its stream, and how long both may take. One object for all
 * tries that follow each other. What it hears it tells {@link UpstreamAttempts}, which may begin the next try with it, or
 * end the exchange, before it returns.
 */
@WorkerConfined
final class Attempt implements UpstreamStreamHandler {
    private final Exchange exchange;
    private final ExchangeContext context;
    private final UpstreamAttempts attempts;
    private final OpenRequest open = new OpenRequest();
    private final Bound bound = new Bound();

    private @Nullable UpstreamStream stream;
    private long timeoutNs;
    private boolean isSent;

    Attempt(Exchange exchange, ExchangeContext context, UpstreamAttempts attempts) {
        this.exchange = exchange;
        this.context = context;
        this.attempts = attempts;
    }

    /** Begins a try, bounded where {@code withinNs} is positive; it may be answered, and the exchange over, when this returns. */
    void begin(Upstream to, long withinNs) {
        isSent = false;
        timeoutNs = withinNs;
        if (withinNs > 0) {
            context.wheel().arm(bound, context.nowNs() + withinNs);
        }
        to.open(open, this);
    }

    /** What it wants of the upstream, and which endpoints were tried. */
    OpenRequest open() {
        return open;
    }

    /** The endpoint last tried; null before the first. */
    @Nullable
    Endpoint endpoint() {
        return open.hasEndpoint() ? open.endpoint() : null;
    }

    /** The stream while there is one. */
    UpstreamStream stream() {
        UpstreamStream opened = stream;
        if (opened == null) {
            throw new IllegalStateException("the try is over");
        }
        return opened;
    }

    /** The head leaves: from here on the endpoint may have done what it was asked. */
    void sent() {
        isSent = true;
    }

    void demand(boolean wanted) {
        UpstreamStream opened = stream;
        if (opened != null) {
            opened.demand(wanted);
        }
    }

    // ---- what the stream tells ----

    @Override
    public void streamOpened(UpstreamStream opened) {
        stream = opened;
        attempts.opened(this, opened);
    }

    @Override
    public void informational(ResponseHead head) {
        attempts.informational(head);
    }

    @Override
    public void responseHead(ResponseHead head, boolean isLast) {
        context.wheel().disarm(bound);
        if (isLast) {
            // The stream has given itself back: its connection may serve another exchange while a filter waits.
            stream = null;
        }
        attempts.answered(this, head, isLast);
    }

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        return attempts.responseBody(bytes, offset, length);
    }

    @Override
    public void responseEnd(Fields trailers) {
        if (exchange.phase() == Phase.TUNNEL) {
            exchange.relay().tunnelUpstreamEnd();
            return;
        }
        stream = null;
        attempts.responseEnd(trailers);
    }

    @Override
    public void streamSendable() {
        exchange.relay().upstreamSendable();
    }

    @Override
    public void streamFailed(UpstreamFailure failure) {
        // It must not be touched any more.
        stream = null;
        context.wheel().disarm(bound);
        attempts.failed(this, failure);
    }

    // ---- the end of a try ----

    /** The answer is of no use: what is left of it goes nowhere. */
    void discard() {
        UpstreamStream opened = stream;
        stream = null;
        if (opened != null) {
            opened.discard();
        }
    }

    /** The stream has given itself back. */
    void finished() {
        stream = null;
    }

    /** Gives up whatever is open or pending. */
    void abandon() {
        context.wheel().disarm(bound);
        UpstreamStream opened = stream;
        stream = null;
        if (opened != null) {
            opened.reset();
        } else if (open.isPending()) {
            open.cancel();
        }
    }

    private void expire() {
        UpstreamStream opened = stream;
        if (opened == null || !isSent) {
            abandon();
        } else {
            stream = null;
            opened.expire();
        }
        attempts.failed(this, new UpstreamFailure(Reason.TRY_TIMEOUT, isSent ? Retry.UNSAFE : Retry.NOTHING_SENT));
    }

    /** {@code retries.perTryTimeout}. */
    private final class Bound extends Timer {
        @Override
        protected void expired(long nowNs) {
            if (isSent && exchange.hasRequestBody() && !exchange.isRequestComplete()) {
                // The client still sends: the endpoint cannot be held to a time yet.
                context.wheel().arm(this, nowNs + timeoutNs);
            } else {
                expire();
            }
        }
    }
}

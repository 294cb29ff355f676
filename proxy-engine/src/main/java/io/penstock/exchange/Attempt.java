package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.limit.Breaker.Outcome;
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
    private static final int FIRST_FAILURE_STATUS = 500;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final UpstreamAttempts attempts;
    private final OpenRequest open = new OpenRequest();
    private final Bound bound = new Bound();

    private @Nullable UpstreamStream stream;
    private @Nullable Upstream upstream;
    private long timeoutNs;
    private long token;
    private boolean isSent;
    private boolean isConcluded = true;
    private boolean isFurther;
    private boolean isBeside;
    private long openedNs;

    Attempt(Exchange exchange, ExchangeContext context, UpstreamAttempts attempts) {
        this.exchange = exchange;
        this.context = context;
        this.attempts = attempts;
    }

    /**
     * Begins a try; it may be answered, and the exchange over, when this returns.
     *
     * @param passedBy the breaker's token
     * @param further whether it is counted among those after the first
     * @param beside whether others are under way
     * @param withinNs how long it may take, 0 for no bound
     */
    void begin(Upstream to, long passedBy, boolean further, boolean beside, long withinNs) {
        upstream = to;
        token = passedBy;
        isFurther = further;
        isBeside = beside;
        isConcluded = false;
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

    /** Whether it has begun and neither its answer nor its end has come. */
    boolean isUnderWay() {
        return !isConcluded;
    }

    /** Whether its head has left. */
    boolean isSent() {
        return isSent;
    }

    /** Whether it was begun while others were under way. */
    boolean isBeside() {
        return isBeside;
    }

    /** When its stream was opened. */
    long openedNs() {
        return openedNs;
    }

    /** The stream, null where its answer is complete. */
    @Nullable
    UpstreamStream streamLeft() {
        return stream;
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
        openedNs = context.nowNs();
        attempts.opened(this, opened);
    }

    @Override
    public void informational(ResponseHead head) {
        attempts.informational(this, head);
    }

    @Override
    public void responseHead(ResponseHead head, boolean isLast) {
        context.wheel().disarm(bound);
        conclude(head.status() < FIRST_FAILURE_STATUS ? Outcome.SUCCESS : Outcome.FAILURE);
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
        conclude(isOfEndpoint(failure.reason()) ? Outcome.FAILURE : Outcome.ABANDONED);
        attempts.failed(this, failure);
    }

    // Neither want of endpoints or connections nor what filters and operators decide tells how an endpoint does.
    private static boolean isOfEndpoint(Reason reason) {
        return switch (reason) {
            case CONNECT_FAILED,
                    CONNECT_TIMEOUT,
                    UPSTREAM_TLS_EXPIRED,
                    UPSTREAM_TLS_NAME,
                    UPSTREAM_TLS_UNTRUSTED,
                    UPSTREAM_TLS_REVOKED,
                    UPSTREAM_TLS_VERSION,
                    UPSTREAM_TLS_NO_HTTP2,
                    UPSTREAM_TLS_FAILED,
                    FIRST_BYTE_TIMEOUT,
                    TRY_TIMEOUT,
                    UPSTREAM_IDLE_TIMEOUT,
                    UPSTREAM_RESET,
                    UPSTREAM_PROTOCOL,
                    UPSTREAM_HEAD_TOO_LARGE -> true;
            default -> false;
        };
    }

    private void conclude(Outcome outcome) {
        Upstream to = upstream;
        if (!isConcluded && to != null) {
            isConcluded = true;
            to.circuit().concluded(token, outcome);
            if (isFurther) {
                to.circuit().furtherTryEnded();
            }
        }
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

    /** What was sent through the tunnel leaves, and that is its end. */
    void closeTunnel() {
        UpstreamStream opened = stream;
        stream = null;
        if (opened != null) {
            opened.closeTunnel();
        }
    }

    /** The stream has given itself back. */
    void finished() {
        stream = null;
    }

    /** Gives up whatever is open or pending. */
    void abandon() {
        context.wheel().disarm(bound);
        conclude(Outcome.ABANDONED);
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
        conclude(Outcome.FAILURE);
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

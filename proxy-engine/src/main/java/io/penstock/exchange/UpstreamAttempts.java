package io.penstock.exchange;

import io.penstock.config.HostHeader;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.RouteAction;
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.OpenRequest;
import io.penstock.upstream.Upstream;
import io.penstock.upstream.UpstreamFailure;
import io.penstock.upstream.UpstreamStream;
import org.jspecify.annotations.Nullable;

/**
 * The tries of one exchange to get its request to an endpoint. A further try is made only where it is safe without asking
 * the operator: where nothing was sent, or where a connection out of the pool turned out to be closed and the request may
 * be repeated.
 */
@WorkerConfined
final class UpstreamAttempts {
    /** Tries of one exchange, the first included. */
    static final int ATTEMPTS_MAX = 4;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final OpenRequest open = new OpenRequest();

    private RouteAction.@Nullable Forward forward;
    private @Nullable Upstream upstream;
    private @Nullable UpstreamStream stream;
    private int count;
    private boolean namesNoHost;

    UpstreamAttempts(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    void begin(RouteAction.Forward to) {
        forward = to;
        namesNoHost = exchange.request().authorityLength() == 0;
        Upstream found = context.upstreams().find(to.upstreamId());
        upstream = found;
        exchange.record().upstream(found);
        again();
    }

    /** Tries once more. May answer at once, and then the exchange may be over when this returns. */
    void again() {
        Upstream to = upstream;
        if (to == null) {
            throw new IllegalStateException("no upstream was chosen");
        }
        count++;
        exchange.record().attempt(count);
        to.open(open, exchange);
    }

    void opened(UpstreamStream opened) {
        stream = opened;
        exchange.record().endpoint(opened.endpoint());
    }

    /** Writes into the head what depends on the endpoint. */
    void prepareHead(RequestHead head) {
        RouteAction.Forward to = forward;
        UpstreamStream opened = stream;
        if (to == null || opened == null) {
            throw new IllegalStateException("no stream is open");
        }
        HostHeader host = to.hostHeader();
        switch (host.kind()) {
            case PRESERVE -> {
                // HTTP/1.0 without Host: what goes on is HTTP/1.1, which must name one (RFC 9112 section 3.2).
                if (namesNoHost) {
                    head.rewriteAuthority(opened.endpoint().authority());
                }
            }
            case TARGET -> head.rewriteAuthority(opened.endpoint().authority());
            case VALUE -> head.rewriteAuthority(host.value());
        }
    }

    boolean mayRetry(UpstreamFailure failure, RequestHead request, Relay relay) {
        if (count >= ATTEMPTS_MAX || !relay.canReplay()) {
            return false;
        }
        return switch (failure.retry()) {
            // Only where another endpoint is left: else the client learns of the failure, not that none is left.
            case NOTHING_SENT -> isConnectFailure(failure.reason()) && hasUntried();
            case STALE_CONNECTION -> {
                boolean isRepeatable = request.method().isIdempotent();
                if (isRepeatable) {
                    open.needFreshConnection();
                    exchange.record().staleConnection();
                }
                yield isRepeatable;
            }
            case UNSAFE -> false;
        };
    }

    /** How much of a request body is kept for a further try. */
    int replayBytesMax() {
        Upstream to = upstream;
        return to == null ? 0 : to.retryBufferBytes();
    }

    /** The endpoint last tried; null before the first. */
    @Nullable
    Endpoint lastEndpoint() {
        return open.hasEndpoint() ? open.endpoint() : null;
    }

    private static boolean isConnectFailure(Reason reason) {
        return reason == Reason.CONNECT_FAILED || reason == Reason.CONNECT_TIMEOUT;
    }

    private boolean hasUntried() {
        Upstream to = upstream;
        return to != null && to.hasUntried(open);
    }

    /** The stream broke, or none could be opened; it must not be touched any more. */
    void lost() {
        stream = null;
    }

    /** The stream has given itself back after a complete answer. */
    void finished() {
        stream = null;
    }

    /** Gives up whatever is open or pending. */
    void abandon() {
        UpstreamStream opened = stream;
        stream = null;
        if (opened != null) {
            opened.reset();
        } else if (open.isPending()) {
            open.cancel();
        }
    }

    void reset() {
        if (count > 0) {
            open.clear();
            count = 0;
        }
        forward = null;
        upstream = null;
    }
}

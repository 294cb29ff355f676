package io.penstock.exchange;

import io.penstock.config.HostHeader;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.RouteAction;
import io.penstock.spi.EndpointView;
import io.penstock.transport.Received;
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.OpenRequest;
import io.penstock.upstream.Upstream;
import io.penstock.upstream.UpstreamFailure;
import io.penstock.upstream.UpstreamStream;
import io.penstock.upstream.UpstreamStreamHandler;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint's half of one exchange: the tries to get its request to one, and what is made of that which each tells. A further try is made only where it is safe without asking
 * the operator: where nothing was sent, or where a connection out of the pool turned out to be closed and the request may
 * be repeated.
 */
@WorkerConfined
final class UpstreamAttempts implements UpstreamStreamHandler {
    /** Tries of one exchange, the first included. */
    static final int ATTEMPTS_MAX = 4;

    private final Exchange exchange;
    private final OpenRequest open = new OpenRequest();
    private final EndpointView tryView = new TryView();

    private RouteAction.@Nullable Forward forward;
    private @Nullable Upstream upstream;
    private @Nullable UpstreamStream stream;
    private int count;
    private boolean namesNoHost;

    UpstreamAttempts(Exchange exchange) {
        this.exchange = exchange;
    }

    void begin(RouteAction.Forward to) {
        forward = to;
        namesNoHost = exchange.request().authorityLength() == 0;
        Steering steering = exchange.filters().steering();
        Upstream found = steering.upstream(to);
        open.prefer(steering.preferred());
        upstream = found;
        exchange.record().upstream(found);
        again();
    }

    /** Tries once more. May answer at once, and then the exchange may be over when this returns. */
    private void again() {
        Upstream to = upstream;
        if (to == null) {
            throw new IllegalStateException("no upstream was chosen");
        }
        count++;
        exchange.record().attempt(count);
        to.open(open, this);
    }

    // ---- what the stream tells ----

    @Override
    public void streamOpened(UpstreamStream opened) {
        exchange.enter(Phase.AWAIT);
        stream = opened;
        exchange.record().endpoint(opened.endpoint());
        prepareHead(exchange.request(), opened);
        if (exchange.filters().beginUpstreamRequest()) {
            send();
        }
    }

    /** All filters have seen the try: its head leaves. */
    void send() {
        UpstreamStream opened = stream;
        if (opened == null) {
            throw new IllegalStateException("the try is over");
        }
        RequestHead request = exchange.request();
        if (!exchange.requestBody().prepare(request)) {
            return;
        }
        opened.sendHead(request, !exchange.hasRequestBody());
        exchange.releaseTable();
        exchange.relay().upstreamReady(opened, exchange.isRequestComplete(), exchange.hasRequestBody());
    }

    /** Whether body of the answer is wanted. */
    void demand(boolean wanted) {
        UpstreamStream opened = stream;
        if (opened != null) {
            opened.demand(wanted);
        }
    }

    @Override
    public void informational(ResponseHead head) {
        if (exchange.response().isHeadSent()) {
            return;
        }
        if (head.status() == 100) {
            // One 100 is all that a client waits for: another could not be told from the start of the answer to come.
            if (exchange.relay().awaitsContinue()) {
                exchange.stream().sendInformational(head);
                exchange.relay().continued();
            }
        } else if (exchange.stream().isSendable()) {
            // Advice that the client does not read must not pile up here.
            exchange.stream().sendInformational(head);
        }
    }

    @Override
    public void responseHead(ResponseHead head, boolean isLast) {
        exchange.record().answered(head.status());
        exchange.relay().answerBegun();
        if (head.status() == 101) {
            switchProtocols(head);
            return;
        }
        exchange.response().take(head, isLast);
        if (isLast) {
            // The stream has given itself back: its connection may serve another exchange while a filter waits.
            stream = null;
            exchange.endpointDone();
        }
        exchange.respond();
    }

    private void switchProtocols(ResponseHead head) {
        if (!exchange.request().isUpgrade()) {
            exchange.refuse(
                    Reason.UPSTREAM_PROTOCOL, "the endpoint answered 101 to a request that asked for no upgrade");
            return;
        }
        exchange.record().tunnel();
        exchange.response().sendSwitch(head, exchange.stream(), exchange.record());
        exchange.becomeTunnel();
    }

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        Phase phase = exchange.phase();
        if (phase == Phase.RESPONSE) {
            return exchange.responseBody().collect(bytes, offset, length);
        }
        return phase == Phase.RELAY || phase == Phase.TUNNEL ? exchange.relay().responseBody(bytes, offset, length) : 0;
    }

    @Override
    public void responseEnd(Fields trailers) {
        if (exchange.phase() == Phase.TUNNEL) {
            exchange.relay().tunnelUpstreamEnd();
            return;
        }
        stream = null;
        exchange.record().upstreamDone();
        ExchangeResponse response = exchange.response();
        if (exchange.phase() == Phase.RESPONSE && response.isUpstreams()) {
            // A filter keeps the head, and its body has turned out to be empty: the head is all there is to send.
            exchange.endpointDone();
            if (exchange.responseBody().isInUse()) {
                exchange.responseBody().collected(trailers);
            } else {
                response.endEmpty();
            }
            return;
        }
        if (exchange.responseBody().isInUse()) {
            exchange.endpointDone();
            exchange.responseBody().end(trailers);
            return;
        }
        exchange.stream().sendEnd(trailers);
        exchange.end();
    }

    @Override
    public void streamSendable() {
        exchange.relay().upstreamSendable();
    }

    @Override
    public void streamFailed(UpstreamFailure failure) {
        exchange.record().attemptFailed(failure.reason(), lastEndpoint());
        // It must not be touched any more.
        stream = null;
        if (!exchange.requestBody().isWaiting()) {
            exchange.filters().cancelRequest();
        }
        exchange.relay().upstreamLost();
        boolean isTooLate = exchange.response().isHeadSent() || exchange.phase() == Phase.RESPONSE;
        if (!isTooLate && mayRetry(failure, exchange.request(), exchange.relay())) {
            exchange.enter(Phase.CONNECT);
            exchange.stream().demand(false);
            again();
            return;
        }
        exchange.refuse(failure.reason(), "");
    }

    /** Writes into the head what depends on the endpoint. */
    private void prepareHead(RequestHead head, UpstreamStream opened) {
        RouteAction.Forward to = forward;
        if (to == null) {
            throw new IllegalStateException("no upstream was chosen");
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

    private boolean mayRetry(UpstreamFailure failure, RequestHead request, Relay relay) {
        if (count >= ATTEMPTS_MAX || !relay.canReplay()) {
            return false;
        }
        return switch (failure.retry()) {
            // Only where another endpoint is left: else the client learns of the failure, not that none is left.
            case NOTHING_SENT -> mayTryElsewhere(failure.reason());
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

    private boolean mayTryElsewhere(Reason reason) {
        if (reason == Reason.UPSTREAM_RESET) {
            // A pooled connection was closed while filters looked at the request.
            open.needFreshConnection();
            return true;
        }
        return isConnectFailure(reason)
                && hasUntried()
                && !exchange.filters().steering().isSingleTry();
    }

    /** The endpoint of the present try, for filters. */
    EndpointView endpointView() {
        return tryView;
    }

    private final class TryView implements EndpointView {
        @Override
        public String upstream() {
            return open.endpoint().upstream().name();
        }

        @Override
        public String address() {
            return open.endpoint().authority();
        }

        @Override
        public int attempt() {
            return count;
        }
    }

    /** How much of a request body is kept for a further try. */
    int replayBytesMax() {
        Upstream to = upstream;
        return to == null ? 0 : to.retryBufferBytes();
    }

    /** The endpoint last tried; null before the first. */
    private @Nullable Endpoint lastEndpoint() {
        return open.hasEndpoint() ? open.endpoint() : null;
    }

    private static boolean isConnectFailure(Reason reason) {
        return reason == Reason.CONNECT_FAILED || reason == Reason.CONNECT_TIMEOUT;
    }

    private boolean hasUntried() {
        Upstream to = upstream;
        return to != null && to.hasUntried(open);
    }

    /** The stream has given itself back: both directions of a tunnel have ended. */
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
        open.prefer(null);
        if (count > 0) {
            open.clear();
            count = 0;
        }
        forward = null;
        upstream = null;
    }
}

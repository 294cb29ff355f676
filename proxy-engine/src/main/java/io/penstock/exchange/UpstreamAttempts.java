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
import io.penstock.transport.Timer;
import io.penstock.upstream.Upstream;
import io.penstock.upstream.UpstreamFailure;
import io.penstock.upstream.UpstreamStream;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint's half of one exchange: its tries, and what is made of that which each tells. {@link Attempt} is one try,
 * {@link FurtherTry} says whether another one follows.
 */
@WorkerConfined
final class UpstreamAttempts {
    /** When a client may come again that an adaptive limit has refused: ten times it will have looked anew by then. */
    private static final long LIMIT_RETRY_AFTER_NS = 1_000_000_000L;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final FurtherTry further;
    private final Hedge hedge;
    private final Pause pause = new Pause();
    private final EndpointView tryView = new TryView();

    /** The one that goes on: of several under way the first that was begun and has not failed, until one is answered. */
    private Attempt attempt;

    private RouteAction.@Nullable Forward forward;
    private @Nullable Upstream upstream;
    private int count;
    private boolean namesNoHost;

    /** Whether the request is counted among those under way at the upstream. */
    private boolean isCounted;

    UpstreamAttempts(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
        this.attempt = new Attempt(exchange, context, this);
        this.further = new FurtherTry(exchange);
        this.hedge = new Hedge(exchange, context, this, further, attempt);
    }

    void begin(RouteAction.Forward to) {
        forward = to;
        namesNoHost = exchange.request().authorityLength() == 0;
        Steering steering = exchange.filters().steering();
        Upstream found = steering.upstream(to);
        steering.aim(attempt.open(), found);
        upstream = found;
        exchange.record().tries().upstream(found);
        further.begin(found, exchange.route().retries());
        hedge.begin(found);
        if (found.circuit().boundsRequests()) {
            if (!found.circuit().tryBeginRequest()) {
                if (found.circuit().refusal() == Reason.UPSTREAM_LIMIT_REACHED) {
                    exchange.ownAnswer().retryAfterNs(LIMIT_RETRY_AFTER_NS);
                }
                exchange.refuse(found.circuit().refusal(), "");
                return;
            }
            isCounted = true;
        }
        found.circuit().requestBegan();
        again();
    }

    /** Tries once more. May answer at once, and then the exchange may be over when this returns. */
    private void again() {
        Upstream to = upstream;
        if (to == null) {
            throw new IllegalStateException("no upstream was chosen");
        }
        long token = to.circuit().tryPass();
        if (token < 0) {
            further.givenUp();
            exchange.ownAnswer().retryAfterNs(-token);
            exchange.refuse(Reason.CIRCUIT_OPEN, "");
            return;
        }
        count++;
        exchange.record().tries().began(count);
        hedge.tryBegins();
        attempt.begin(to, token, further.takeCounted(), false, further.perTryTimeoutNs());
    }

    // ---- what a try tells ----

    void opened(Attempt by, UpstreamStream opened) {
        exchange.enter(Phase.AWAIT);
        exchange.record().tries().endpoint(opened.endpoint());
        prepareHead(exchange.request(), opened);
        if (hedge.isSentBeside(by)) {
            by.sent();
            opened.sendHead(exchange.request(), !exchange.hasRequestBody());
            if (exchange.hasRequestBody()) {
                exchange.relay().copyTo(opened);
            }
            return;
        }
        attempt = by;
        if (exchange.filters().beginUpstreamRequest()) {
            send();
        }
    }

    /** All filters have seen the try: its head leaves. */
    void send() {
        UpstreamStream opened = attempt.stream();
        RequestHead request = exchange.request();
        if (!exchange.requestBody().prepare(request)) {
            return;
        }
        attempt.sent();
        opened.sendHead(request, !exchange.hasRequestBody());
        exchange.releaseTable();
        exchange.relay()
                .upstreamReady(
                        opened,
                        exchange.isRequestComplete(),
                        exchange.hasRequestBody(),
                        further.wantsBodyKept(opened.isReused()));
    }

    /** Whether body of the answer is wanted. */
    void demand(boolean wanted) {
        exchange.pace().demandResponse(wanted);
    }

    /** The same for the stream itself, which waits for its bandwidth too. */
    void applyDemand(boolean wanted) {
        attempt.demand(wanted);
    }

    void informational(Attempt by, ResponseHead head) {
        if (exchange.response().isHeadSent() || hedge.hasOthers(by)) {
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

    void answered(Attempt by, ResponseHead head, boolean isLast) {
        if (hedge.hasOthers(by)) {
            if (further.isRefusedBy(head)) {
                exchange.record().tries().answerDropped(head.status());
                by.discard();
                goOnWith(hedge.other(by), by);
                return;
            }
        } else if (further.follows(head, by.open())) {
            exchange.record().tries().answerDropped(head.status());
            by.discard();
            letGo();
            follow();
            return;
        }
        attempt = by;
        hedge.answered(by);
        exchange.record().tries().answered();
        exchange.relay().answerBegun();
        if (head.status() == 101) {
            switchProtocols(head);
            return;
        }
        by.open().endpoint().upstream().answered(by.open(), head);
        exchange.response().take(head, isLast);
        if (isLast) {
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
        if (!UpgradeCheck.isAsked(head.fields(), exchange.request().fields())) {
            exchange.refuse(
                    Reason.UPSTREAM_PROTOCOL, "the endpoint's 101 names a protocol that the request did not ask for");
            return;
        }
        String fault = WebSocketOpening.fault(exchange.request(), head.fields());
        if (fault != null) {
            exchange.refuse(Reason.UPSTREAM_PROTOCOL, fault);
            return;
        }
        exchange.record().tunnel();
        exchange.response().sendSwitch(head, exchange.stream(), exchange.record());
        exchange.becomeTunnel(head.fields());
    }

    /** How long the upstream's answers may make no progress. */
    long idleTimeoutNs() {
        Upstream to = upstream;
        return to == null ? 0 : to.idleTimeoutNs();
    }

    /** The tunnel ends, both directions of it. */
    void closeTunnel() {
        attempt.closeTunnel();
    }

    int responseBody(Received bytes, int offset, int length) {
        Phase phase = exchange.phase();
        if (phase == Phase.RESPONSE) {
            return exchange.responseBody().collect(bytes, offset, length);
        }
        return phase == Phase.RELAY || phase == Phase.TUNNEL ? exchange.relay().responseBody(bytes, offset, length) : 0;
    }

    void responseEnd(Fields trailers) {
        exchange.record().tries().done();
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

    void failed(Attempt by, UpstreamFailure failure) {
        exchange.record().tries().failed(failure.reason(), by.endpoint());
        if (hedge.hasOthers(by)) {
            goOnWith(hedge.other(by), by);
            return;
        }
        attempt = by;
        letGo();
        boolean isTooLate = exchange.response().isHeadSent() || exchange.phase() == Phase.RESPONSE;
        if (!isTooLate && further.follows(failure, by.open())) {
            follow();
            return;
        }
        exchange.refuse(failure.reason(), "");
    }

    // Of several tries under way one has come to nothing.
    private void goOnWith(Attempt other, Attempt over) {
        attempt = other;
        other.open().avoidAllOf(over.open());
        exchange.relay().answeredBy(other.streamLeft());
    }

    /** Begins a try beside those under way. */
    void beginBeside(Attempt other) {
        Upstream to = upstream;
        if (to == null) {
            throw new IllegalStateException("no upstream was chosen");
        }
        long token = to.circuit().tryPass();
        if (token < 0) {
            to.circuit().furtherTryEnded();
            return;
        }
        count++;
        exchange.record().tries().hedged(count);
        other.begin(to, token, true, true, further.perTryTimeoutNs());
    }

    // ---- from one try to the next ----

    /** The stream is gone: nothing of the request goes there any more. */
    private void letGo() {
        if (!exchange.requestBody().isWaiting()) {
            exchange.filters().cancelRequest();
        }
        exchange.relay().upstreamLost();
    }

    private void follow() {
        exchange.enter(Phase.CONNECT);
        exchange.pace().demandRequest(false);
        if (further.pauseNs() > 0) {
            context.wheel().arm(pause, context.nowNs() + further.pauseNs());
        } else {
            again();
        }
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

    /** The endpoint of the present try, for filters. */
    EndpointView endpointView() {
        return tryView;
    }

    private final class TryView implements EndpointView {
        @Override
        public String upstream() {
            return attempt.open().endpoint().upstream().name();
        }

        @Override
        public String address() {
            return attempt.open().endpoint().authority();
        }

        @Override
        public int attempt() {
            return count;
        }
    }

    /** How much of a request body is kept for a further try. */
    int replayBytesMax() {
        Upstream to = upstream;
        return to == null ? 0 : to.retries().bufferBytes();
    }

    /** The stream has given itself back: both directions of a tunnel have ended. */
    void finished() {
        attempt.finished();
    }

    /** Gives up whatever is open or pending. */
    void abandon() {
        context.wheel().disarm(pause);
        further.givenUp();
        hedge.abandon();
        Upstream to = upstream;
        if (isCounted && to != null) {
            isCounted = false;
            to.circuit().requestEnded();
        }
    }

    void reset() {
        attempt = hedge.reset();
        count = 0;
        further.reset();
        forward = null;
        upstream = null;
    }

    /** Between a try and the next one at an endpoint that was tried before. */
    private final class Pause extends Timer {
        @Override
        protected void expired(long nowNs) {
            again();
        }
    }
}

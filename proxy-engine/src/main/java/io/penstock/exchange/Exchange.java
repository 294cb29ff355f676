package io.penstock.exchange;

import io.penstock.http.ClientAddress;
import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.route.RouteLookup;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.RouteAction;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.snapshot.Snapshot;
import io.penstock.snapshot.SnapshotPin;
import io.penstock.spi.Answer;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Verdict;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import io.penstock.upstream.UpstreamFailure;
import io.penstock.upstream.UpstreamStream;
import io.penstock.upstream.UpstreamStreamHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response, from the first byte of its head to the last byte out: the only place that orders the
 * phases. Resumable: a filter may suspend it in any phase that runs filters, and the client, a timeout or the end of the
 * worker may end it in any phase.
 *
 * <p>Pooled. An exchange that has ended may be reborn before the caller returns, so whatever calls a method that can end
 * it ({@link #refuse}, {@link #end}, and all that call them) returns at once afterwards and touches no field.
 *
 * <p>It never sees a connection: the client's half is a {@link DownstreamStream}, the endpoint's an
 * {@link UpstreamStream}.
 */
@WorkerConfined
public final class Exchange implements UpstreamStreamHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int FIRST_ERROR_STATUS = 400;

    private final ExchangeContext context;
    private final ExchangePool pool;
    private final RequestHead request = new RequestHead();
    private final RequestLookup lookup = new RequestLookup(request);
    private final RouteParameters parameters = new RouteParameters();
    private final OwnAnswer ownAnswer = new OwnAnswer();
    private final FilterRun filters;
    private final Relay relay;
    private final ExchangeRecord record;
    private final UpstreamAttempts attempts;
    private final TotalTimer totalTimer = new TotalTimer();

    private Phase phase = Phase.IDLE;
    private @Nullable DownstreamStream downstream;
    private @Nullable SnapshotPin pin;
    private @Nullable RouteRuntime route;
    private @Nullable ResponseHead upstreamHead;
    private boolean holdsTable;
    private boolean upstreamHeadIsLast;
    private boolean isHeadSent;
    private boolean hasRequestBody;
    private boolean isRequestComplete;

    Exchange(ExchangeContext context, ExchangePool pool, int slot) {
        this.context = context;
        this.pool = pool;
        this.record = new ExchangeRecord(context);
        this.filters = new FilterRun(this, context, slot);
        this.relay = new Relay(this, context);
        this.attempts = new UpstreamAttempts(this, context);
    }

    /** The head into which the downstream side parses; cleared when the exchange is taken from the pool. */
    public RequestHead request() {
        return request;
    }

    /** Where the exchange stands. */
    public Phase phase() {
        return phase;
    }

    /** Ties a fresh exchange to the stream whose head is arriving. */
    public void attach(DownstreamStream stream) {
        downstream = stream;
        record.begin(stream);
        SnapshotPin current = context.pins().current();
        current.acquire();
        pin = current;
        holdsTable = true;
    }

    // ---- what the client's side tells ----

    /**
     * The head is complete and acceptable.
     *
     * @param hasBody whether a body follows
     */
    public void headComplete(boolean hasBody) {
        hasRequestBody = hasBody;
        isRequestComplete = !hasBody;
        findClient();
        phase = Phase.ROUTE;
        advance();
    }

    /** The head or the body is not acceptable, or came too slowly; the stream takes no further request. */
    public void downstreamRefused(Reason reason, String detail) {
        stream().closeAfterwards();
        refuse(reason, detail);
    }

    /** Body bytes have arrived, without framing. Called only while the stream's demand is on; all of them are taken. */
    public void requestBody(Received bytes, int offset, int length) {
        relay.requestBody(bytes, offset, length);
    }

    /** The request's body is complete. */
    public void requestEnd(Fields trailers) {
        isRequestComplete = true;
        relay.requestEnd(trailers);
    }

    /** The client takes output again. */
    public void downstreamSendable() {
        relay.downstreamSendable();
    }

    /** The stream is gone before its response was complete. */
    public void downstreamGone(Reason reason) {
        record.failed(reason);
        end();
    }

    /** Finds out who sent the request, and what is believed of what the head says about that. */
    private void findClient() {
        DownstreamStream stream = stream();
        ListenerRuntime listener = stream.listener();
        ClientAddress client = context.clientAddress();
        client.resolve(
                listener.clientAddressSource(),
                listener.trustedPeers(),
                stream.peer().bytes(),
                request);
        lookup.begin(listener.id(), client.address());
        if (client.isPeerTrusted()) {
            record.requestId().keep(request);
        }
        record.headComplete(request, lookup.clientAddress(), stream.protocol());
        request.forwarding()
                .peer(stream.peer().text(), stream.peer().text().length)
                .peerTrusted(client.isPeerTrusted())
                .secure(stream.isSecure())
                .requestId(record.requestId().bytes(), 0, record.requestId().length())
                .upgrade(request.isUpgrade())
                .expectContinue(request.expectsContinue());
    }

    /**
     * Our own code failed while it worked for this exchange: the client gets a 500 where that is still possible, and the
     * worker lives.
     */
    public void defect() {
        try {
            refuse(Reason.INTERNAL, "");
        } catch (RuntimeException again) {
            LOG.error("an exchange could not even be refused after a defect", again);
            stream().reset();
            end();
        }
    }

    // ---- the phases ----

    /** Runs the phases from the present one until something has to be waited for. */
    private void advance() {
        while (true) {
            switch (phase) {
                case ROUTE -> {
                    if (!findRoute()) {
                        return;
                    }
                    phase = Phase.ACCESS;
                }
                case ACCESS -> {
                    if (!filters.runRequest(FilterPhase.ACCESS)) {
                        return;
                    }
                    phase = Phase.LIMITS;
                }
                case LIMITS -> {
                    if (!takeLimits()) {
                        return;
                    }
                    phase = Phase.AUTH;
                }
                case AUTH -> {
                    if (!filters.runRequest(FilterPhase.AUTH)) {
                        return;
                    }
                    phase = Phase.TRANSFORM;
                }
                case TRANSFORM -> {
                    if (!filters.runRequest(FilterPhase.TRANSFORM)) {
                        return;
                    }
                    phase = Phase.CONNECT;
                    act();
                    return;
                }
                case IDLE, CONNECT, AWAIT, RESPONSE, RELAY, ANSWER, TUNNEL, ENDED ->
                    throw new IllegalStateException("an exchange cannot advance in phase " + phase);
            }
        }
    }

    private boolean findRoute() {
        if (request.method() == Method.CONNECT) {
            ownAnswer.allow("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            refuse(Reason.TUNNEL_REFUSED, "CONNECT is not allowed by any route");
            return false;
        }
        Snapshot snapshot = pin().snapshot();
        int routeId = context.lookup().find(snapshot.table(), lookup);
        RouteRuntime found = routeId < 0 ? null : snapshot.routes().get(routeId);
        if (found == null) {
            Reason reason = routeId == RouteLookup.METHOD_NOT_ALLOWED ? Reason.METHOD_NOT_ALLOWED : Reason.NO_ROUTE;
            if (reason == Reason.METHOD_NOT_ALLOWED) {
                ownAnswer.allow(context.lookup().allowHeader());
            }
            record.noRoute(reason);
            refuse(reason, "");
            return false;
        }
        route = found;
        parameters.take(context.lookup());
        record.route(found);
        filters.begin(found.filters());
        if (request.hasEncodedSlash() && !found.allowsEncodedSlashes()) {
            refuse(
                    Reason.ENCODED_SLASH,
                    "the path holds an encoded slash, backslash or percent sign, and route \"" + found.name()
                            + "\" does not say encodedSlashes: allow");
            return false;
        }
        if (request.contentLength() > found.bodyMaxBytes()) {
            refuse(
                    Reason.BODY_TOO_LARGE,
                    "the body has " + request.contentLength() + " bytes, the route allows " + found.bodyMaxBytes());
            return false;
        }
        if (found.totalTimeoutNs() > 0) {
            context.wheel().arm(totalTimer, record.startNs() + found.totalTimeoutNs());
        }
        return true;
    }

    private boolean takeLimits() {
        long waitNs = context.limits().take(route(), lookup.clientAddress(), context.nowNs());
        if (waitNs == LimitCheck.TAKEN) {
            return true;
        }
        record.limitRefused(context.limits().refusedBy(), waitNs);
        if (waitNs == LimitCheck.TABLE_FULL) {
            refuse(
                    Reason.RATE_TABLE_FULL,
                    "the table of keys of limit \"" + context.limits().refusedBy() + "\" is full");
            return false;
        }
        ownAnswer.retryAfterNs(waitNs);
        refuse(Reason.RATE_LIMITED, "limit \"" + context.limits().refusedBy() + "\" is exhausted for this key");
        return false;
    }

    private void act() {
        switch (route().action()) {
            case RouteAction.Forward forward -> attempts.begin(forward);
            case RouteAction.Respond respond -> answer(respond.answer());
            case RouteAction.Redirect redirect -> redirect(redirect);
        }
    }

    private void redirect(RouteAction.Redirect redirect) {
        LinkAuthority asked = LinkAuthority.of(request, stream());
        if (redirect.host().isEmpty() && !asked.isKnown()) {
            refuse(Reason.BAD_HOST, "the request names no host, and neither does the redirect of its route");
            return;
        }
        answer(RedirectTarget.answer(
                redirect, filters.requestView(), asked, stream().isSecure()));
    }

    // ---- filters ----

    /** A suspended request hook has come to its verdict and the chain may go on. */
    void requestFiltersGoOn() {
        advance();
    }

    /** All response filters have run; the response may leave. */
    void responseFiltersDone() {
        sendResponse();
    }

    /** A filter answers instead of the upstream, or replaces the upstream's answer. */
    void answerOfFilter(Answer answer) {
        if (answer.status() >= FIRST_ERROR_STATUS) {
            record.failed(Reason.FILTER_REFUSED);
        }
        answer(answer);
    }

    private void answer(Answer answer) {
        giveUpEndpoint();
        upstreamHead = null;
        ownAnswer.fill(answer);
        beginOwnAnswer();
    }

    /**
     * Ends the exchange with a refusal: an own answer where the head has not left yet, else a broken transfer. The caller
     * returns at once.
     */
    void refuse(Reason reason, String detail) {
        record.failed(reason);
        filters.cancel();
        giveUpEndpoint();
        if (phase == Phase.TUNNEL || isHeadSent) {
            stream().reset();
            end();
            return;
        }
        upstreamHead = null;
        ownAnswer.refusal(reason, detail, request, stream(), record.requestId().toString());
        beginOwnAnswer();
    }

    // From here on no body goes to the endpoint, however long filters keep the answer.
    private void giveUpEndpoint() {
        attempts.abandon();
        endpointDone();
    }

    private void endpointDone() {
        relay.upstreamLost();
        if (!isRequestComplete) {
            stream().demand(false);
        }
    }

    private void beginOwnAnswer() {
        phase = Phase.RESPONSE;
        releaseTable();
        if (filters.runResponse()) {
            sendResponse();
        }
    }

    // ---- the response ----

    private void sendResponse() {
        isHeadSent = true;
        ResponseHead head = upstreamHead;
        if (head == null) {
            sendOwnAnswer();
            return;
        }
        phase = Phase.RELAY;
        record.status(head.status());
        stream().sendHead(head, upstreamHeadIsLast);
        if (upstreamHeadIsLast) {
            end();
            return;
        }
        relay.responseBegun();
    }

    private void sendOwnAnswer() {
        phase = Phase.ANSWER;
        DownstreamStream stream = stream();
        if (!isRequestComplete && relay.isTooMuchToDrain(request)) {
            stream.closeAfterwards();
        }
        ResponseHead head = ownAnswer.head();
        record.status(head.status());
        boolean hasBody = ownAnswer.body().length > 0 && request.method() != Method.HEAD;
        stream.sendHead(head, !hasBody);
        if (hasBody) {
            record.responseBytes(ownAnswer.body().length);
            stream.sendBody(ownAnswer.body(), 0, ownAnswer.body().length);
            stream.sendEnd(context.noFields());
        }
        end();
    }

    // ---- what the endpoint's side tells ----

    @Override
    public void streamOpened(UpstreamStream stream) {
        phase = Phase.AWAIT;
        attempts.opened(stream);
        attempts.prepareHead(request);
        stream.sendHead(request, !hasRequestBody);
        releaseTable();
        relay.upstreamReady(stream, isRequestComplete, hasRequestBody);
    }

    @Override
    public void informational(ResponseHead head) {
        if (isHeadSent) {
            return;
        }
        if (head.status() == 100) {
            // One 100 is all that a client waits for: another could not be told from the start of the answer to come.
            if (relay.awaitsContinue()) {
                stream().sendInformational(head);
                relay.continued();
            }
        } else if (stream().isSendable()) {
            // Advice that the client does not read must not pile up here.
            stream().sendInformational(head);
        }
    }

    @Override
    public void responseHead(ResponseHead head, boolean isLast) {
        record.answered(head.status());
        relay.answerBegun();
        if (head.status() == 101) {
            switchProtocols(head);
            return;
        }
        upstreamHead = head;
        upstreamHeadIsLast = isLast;
        if (isLast) {
            // The stream has given itself back: its connection may serve another exchange while a filter keeps this
            // one.
            attempts.finished();
            endpointDone();
            if (filters.hasResponseHooks()) {
                upstreamHead = ownAnswer.keep(head);
            }
        }
        phase = Phase.RESPONSE;
        if (filters.runResponse()) {
            sendResponse();
        }
    }

    private void switchProtocols(ResponseHead head) {
        if (!request.isUpgrade()) {
            refuse(Reason.UPSTREAM_PROTOCOL, "the endpoint answered 101 to a request that asked for no upgrade");
            return;
        }
        isHeadSent = true;
        record.status(101);
        record.tunnel();
        stream().sendHead(head, false);
        phase = Phase.TUNNEL;
        context.wheel().disarm(totalTimer);
        relay.becomeTunnel();
    }

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        return phase == Phase.RELAY || phase == Phase.TUNNEL ? relay.responseBody(bytes, offset, length) : 0;
    }

    @Override
    public void responseEnd(Fields trailers) {
        if (phase == Phase.TUNNEL) {
            relay.tunnelUpstreamEnd();
            return;
        }
        attempts.finished();
        record.upstreamDone();
        ResponseHead head = upstreamHead;
        if (phase == Phase.RESPONSE && head != null) {
            // A filter keeps the head, and its body has turned out to be empty: the head is all there is to send.
            endpointDone();
            upstreamHead = ownAnswer.keep(head);
            ownAnswer.head().framing(0, false);
            upstreamHeadIsLast = true;
            return;
        }
        stream().sendEnd(trailers);
        end();
    }

    @Override
    public void streamSendable() {
        relay.upstreamSendable();
    }

    @Override
    public void streamFailed(UpstreamFailure failure) {
        record.attemptFailed(failure.reason(), attempts.lastEndpoint());
        attempts.lost();
        relay.upstreamLost();
        if (!isHeadSent && phase != Phase.RESPONSE && attempts.mayRetry(failure, request, relay)) {
            phase = Phase.CONNECT;
            stream().demand(false);
            attempts.again();
            return;
        }
        refuse(failure.reason(), "");
    }

    // ---- the end ----

    /** Both directions of a tunnel have ended. */
    void tunnelEnded() {
        attempts.finished();
        stream().tunnelEnded();
        end();
    }

    /** Lets go of everything and returns to the pool; the caller returns at once. */
    void end() {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.ENDED;
        filters.cancel();
        attempts.abandon();
        context.wheel().disarm(totalTimer);
        record.end(request);
        releaseTable();
        pin().release();
        reset();
        pool.release(this);
    }

    private void reset() {
        phase = Phase.IDLE;
        downstream = null;
        pin = null;
        route = null;
        upstreamHead = null;
        upstreamHeadIsLast = false;
        isHeadSent = false;
        hasRequestBody = false;
        isRequestComplete = false;
        request.clear();
        parameters.reset();
        filters.reset();
        relay.reset();
        attempts.reset();
        ownAnswer.reset();
        record.reset();
    }

    private void releaseTable() {
        if (holdsTable) {
            holdsTable = false;
            pin().releaseTable();
        }
    }

    // ---- for the parts of this exchange ----

    void resume(long ticket, Verdict verdict) {
        filters.resume(ticket, verdict);
    }

    DownstreamStream stream() {
        DownstreamStream stream = downstream;
        if (stream == null) {
            throw new IllegalStateException("the exchange has no client");
        }
        return stream;
    }

    RouteRuntime route() {
        RouteRuntime found = route;
        if (found == null) {
            throw new IllegalStateException("the exchange has no route yet");
        }
        return found;
    }

    private SnapshotPin pin() {
        SnapshotPin held = pin;
        if (held == null) {
            throw new IllegalStateException("the exchange holds no snapshot");
        }
        return held;
    }

    @Nullable
    ResponseHead upstreamHead() {
        return upstreamHead;
    }

    RouteParameters parameters() {
        return parameters;
    }

    OwnAnswer ownAnswer() {
        return ownAnswer;
    }

    ExchangeRecord record() {
        return record;
    }

    UpstreamAttempts attempts() {
        return attempts;
    }

    boolean isRequestComplete() {
        return isRequestComplete;
    }

    private final class TotalTimer extends Timer {
        @Override
        protected void expired(long nowNs) {
            filters.hurry(nowNs);
            refuse(Reason.TOTAL_TIMEOUT, "the exchange took longer than timeouts.total of its route");
        }
    }
}

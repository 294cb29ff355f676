package io.penstock.exchange;

import io.penstock.exchange.facts.FilterNotes;
import io.penstock.exchange.facts.RouteParameters;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.spi.Answer;
import io.penstock.spi.Verdict;
import io.penstock.transport.Received;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response, from the first byte of its head to the last byte out; {@link RequestPhases} orders the
 * phases of the way in, {@link ResponsePhases} those of the way out. Resumable: a filter may suspend it in any phase that
 * runs filters, and the client, a timeout or the end of the worker may end it in any phase.
 *
 * <p>Pooled. An exchange that has ended may be reborn before the caller returns, so whatever calls a method that can end
 * it ({@link #refuse}, {@link #end}, and all that call them) returns at once afterwards and touches no field.
 *
 * <p>It never sees a connection: the client's half is a {@link DownstreamStream}; of the endpoint's half
 * {@link UpstreamAttempts} knows the stream.
 */
@WorkerConfined
public final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final ExchangeContext context;
    private final ExchangePool pool;
    private final int slot;
    private final RequestHead request = new RequestHead();
    private final SnapshotHold hold = new SnapshotHold();
    private final Admission admission;
    private final Caller caller;
    private final FilterRun filters;
    private final ExchangeResponse response;
    private final Relay relay;
    private final ExchangeRecord record;
    private final UpstreamAttempts attempts;
    private final FilteredRequest requestBody;
    private final FilteredResponse responseBody;
    private final CrossOrigin crossOrigin = new CrossOrigin(request);
    private final TotalBound totalBound;
    private final TunnelWatch tunnel;
    private final AdmissionWait wait;
    private final Pace pace;
    private final GrpcWebCall grpcWeb;
    private final RequestPhases requestPhases;
    private final ResponsePhases responsePhases;
    private final LogHooks logHooks;

    private Phase phase = Phase.IDLE;
    private @Nullable DownstreamStream downstream;
    private boolean hasRequestBody;
    private boolean isRequestComplete;

    Exchange(ExchangeContext context, ExchangePool pool, int slot) {
        this.context = context;
        this.pool = pool;
        this.slot = slot;
        this.record = new ExchangeRecord(context);
        this.pace = new Pace(this, context);
        FilterNotes notes = new FilterNotes();
        this.caller = new Caller(this, context, notes);
        this.admission = new Admission(this, context, notes);
        this.response = new ExchangeResponse(request, context.noFields());
        this.filters = new FilterRun(this, context, notes);
        this.relay = new Relay(this, context);
        this.totalBound = new TotalBound(this, context);
        this.tunnel = new TunnelWatch(this, context);
        this.attempts = new UpstreamAttempts(this, context);
        this.requestBody = new FilteredRequest(this, context, filters, filters.requestCall());
        this.responseBody = new FilteredResponse(this, context, filters, filters.responseCall());
        this.wait = new AdmissionWait(this, context);
        this.grpcWeb = new GrpcWebCall(this, context);
        this.requestPhases = new RequestPhases(this, admission, filters, wait, totalBound, context.proofs());
        this.responsePhases = new ResponsePhases(this, context, hold, admission, crossOrigin, totalBound);
        this.logHooks = new LogHooks(this, context);
    }

    /** Its number in its pool; no other has it at the same time. */
    int slot() {
        return slot;
    }

    /** A number that no other suspension of the worker has. */
    int nextSuspension() {
        return pool.nextSuspension();
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
        hold.take(context.pins().current());
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
        requestPhases.begin(hold.snapshot());
    }

    /** What arrives is no request after all: the exchange ends as if it had never begun. */
    public void dismiss() {
        end();
    }

    /** The head or the body is not acceptable, or came too slowly; the stream takes no further request. */
    public void downstreamRefused(Reason reason, String detail) {
        stream().closeAfterwards();
        refuse(reason, detail);
    }

    /** Body bytes have arrived, without framing. Called only while the stream's demand is on; all of them are taken. */
    public void requestBody(Received bytes, int offset, int length) {
        if (grpcWeb.isBegun()) {
            grpcWeb.requestBody(bytes, offset, length);
        } else {
            relay.requestBody(bytes, offset, length);
        }
    }

    /** The request's body is complete. */
    public void requestEnd(Fields trailers) {
        isRequestComplete = true;
        if (grpcWeb.isBegun()) {
            grpcWeb.requestEnd(trailers);
        } else {
            relay.requestEnd(trailers);
        }
    }

    /** The client takes output again. */
    public void downstreamSendable() {
        relay.downstreamSendable();
    }

    /** The stream is gone before its response was complete. */
    public void downstreamGone(Reason reason) {
        record.failed(reason);
        filters.cancel();
        filters.tellError(reason, "");
        end();
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

    /** The request has its route, which may still refuse it. */
    void routeFound(RouteRuntime found) {
        filters.begin(found.filters());
        crossOrigin.begin(found.cors());
        downstream = grpcWeb.begin(found, request, stream());
        WebSocketOpening.begin(request, record.requestId());
    }

    /** Bounds the exchange to so many nanoseconds from now, if it is not bounded more closely already. */
    void boundTotal(long leftNs) {
        totalBound.endAt(context.nowNs() + leftNs, "the exchange took longer than a filter allowed");
    }

    // ---- filters ----

    /** A suspended request hook has come to its verdict and the chain may go on. */
    void requestFiltersGoOn() {
        requestPhases.goOn();
    }

    /** The exchange has waited for admission and may go on. */
    void admitted() {
        requestPhases.admitted();
    }

    /** All response filters have run; the response may leave. */
    void responseFiltersDone() {
        responsePhases.send();
    }

    /** A filter answers instead of the upstream, or replaces the upstream's answer. */
    void answerOfFilter(Answer answer) {
        responsePhases.answerOfFilter(answer);
    }

    // ---- the response ----

    /** Ends the exchange with an answer that is made here. */
    void answer(Answer answer) {
        responsePhases.answer(answer);
    }

    /**
     * Ends the exchange with a refusal: an own answer where the head has not left yet, else a broken transfer. The caller
     * returns at once.
     */
    void refuse(Reason reason, String detail) {
        responsePhases.refuse(reason, detail);
    }

    /** The response's head is known: it leaves when all response filters have seen it. */
    void respond() {
        responsePhases.begin();
    }

    /** All of the endpoint's response has left but its end. */
    void finishResponse(Fields trailers) {
        responsePhases.finish(trailers);
    }

    // From here on no body goes to the endpoint, however long filters keep the answer.
    void giveUpEndpoint() {
        wait.leaveQueue();
        attempts.abandon();
        endpointDone();
    }

    /** The endpoint needs no more of the request. */
    void endpointDone() {
        filters.cancelRequest();
        relay.upstreamLost();
        if (!isRequestComplete) {
            pace.demandRequest(false);
        }
    }

    // ---- a tunnel ----

    /** The endpoint has answered with a 101 that was asked for, whose head has left. */
    void becomeTunnel(Fields answer) {
        phase = Phase.TUNNEL;
        totalBound.lift();
        tunnel.begin(route().tunnel(), attempts.idleTimeoutNs(), answer);
        relay.becomeTunnel();
    }

    /** A tunnel's time is over, or its worker's: both ends hear of it as far as their protocol has words for it. */
    public void endTunnel(Reason why) {
        record.failed(why);
        filters.tellError(why, "");
        relay.endTunnel();
        attempts.closeTunnel();
        stream().tunnelEnded();
        end();
    }

    /** Both directions of a tunnel have ended. */
    void tunnelEnded() {
        attempts.finished();
        stream().tunnelEnded();
        end();
    }

    // ---- the end ----

    /** Lets go of everything and returns to the pool; the caller returns at once. */
    void end() {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.ENDED;
        filters.cancel();
        attempts.abandon();
        totalBound.lift();
        wait.release();
        admission.release();
        pace.stop();
        tunnel.stop();
        record.end(request, hold.snapshot().hidden());
        logHooks.begin();
    }

    /** Back to the pool, from which it may come again at once. */
    void giveBack() {
        hold.release();
        reset();
        pool.release(this);
    }

    private void reset() {
        phase = Phase.IDLE;
        downstream = null;
        hasRequestBody = false;
        isRequestComplete = false;
        request.clear();
        admission.reset();
        crossOrigin.reset();
        grpcWeb.clear();
        caller.reset();
        filters.reset();
        relay.reset();
        requestBody.reset();
        responseBody.reset();
        attempts.reset();
        response.reset();
        record.reset();
    }

    /** What the route table says is not needed any more. */
    void releaseTable() {
        hold.releaseTable();
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
        return admission.route();
    }

    /** 16 bytes; not to be written to. */
    byte[] clientAddress() {
        return admission.clientAddress();
    }

    RouteParameters parameters() {
        return admission.parameters();
    }

    OwnAnswer ownAnswer() {
        return response.own();
    }

    ExchangeRecord record() {
        return record;
    }

    UpstreamAttempts attempts() {
        return attempts;
    }

    Caller caller() {
        return caller;
    }

    /** When bodies may pass. */
    Pace pace() {
        return pace;
    }

    /** How long a tunnel may go on. */
    TunnelWatch tunnel() {
        return tunnel;
    }

    FilterRun filters() {
        return filters;
    }

    ExchangeResponse response() {
        return response;
    }

    FilteredRequest requestBody() {
        return requestBody;
    }

    FilteredResponse responseBody() {
        return responseBody;
    }

    /** Another body than the client's goes on, or none. */
    void hasRequestBody(boolean hasBody) {
        hasRequestBody = hasBody;
    }

    Relay relay() {
        return relay;
    }

    /** Moves on, where what happened on the endpoint's side says so. */
    void enter(Phase next) {
        phase = next;
    }

    boolean hasRequestBody() {
        return hasRequestBody;
    }

    boolean isRequestComplete() {
        return isRequestComplete;
    }
}

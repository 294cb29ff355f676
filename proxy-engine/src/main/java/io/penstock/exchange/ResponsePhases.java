package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;

/**
 * The order of a response's phases, from its head to its leaving, whether an endpoint gave it or we give our own in its
 * place: response filters first, then what is put in last, then head and body. What {@link RequestPhases} is for the way in.
 *
 * <p>Nearly all of it may end the exchange: the caller returns at once.
 */
@WorkerConfined
final class ResponsePhases {
    private static final int FIRST_ERROR_STATUS = 400;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final SnapshotHold hold;
    private final Admission admission;
    private final FilterRun filters;
    private final ExchangeResponse response;
    private final Relay relay;
    private final ExchangeRecord record;
    private final CrossOrigin crossOrigin;
    private final TotalBound totalBound;

    ResponsePhases(
            Exchange exchange,
            ExchangeContext context,
            SnapshotHold hold,
            Admission admission,
            CrossOrigin crossOrigin,
            TotalBound totalBound) {
        this.exchange = exchange;
        this.context = context;
        this.hold = hold;
        this.admission = admission;
        this.filters = exchange.filters();
        this.response = exchange.response();
        this.relay = exchange.relay();
        this.record = exchange.record();
        this.crossOrigin = crossOrigin;
        this.totalBound = totalBound;
    }

    // ---- our own in the endpoint's place ----

    /** A filter answers instead of the endpoint, or replaces what it answered. */
    void answerOfFilter(Answer answer) {
        if (answer.status() >= FIRST_ERROR_STATUS) {
            record.failed(Reason.FILTER_REFUSED);
        }
        answer(answer);
    }

    /** Answers without an endpoint. */
    void answer(Answer answer) {
        exchange.giveUpEndpoint();
        response.answer(answer);
        beginOwnAnswer();
    }

    /** Refuses: by an own answer where no head has left yet, else by breaking the transfer off. */
    void refuse(Reason reason, String detail) {
        record.failed(reason);
        filters.cancel();
        filters.tellError(reason, detail);
        exchange.giveUpEndpoint();
        if (exchange.phase() == Phase.TUNNEL || response.isHeadSent()) {
            exchange.stream().reset();
            exchange.end();
            return;
        }
        response.refuse(
                reason,
                detail,
                admission.errorPages(hold.snapshot()),
                exchange.stream(),
                record.requestId().toString());
        beginOwnAnswer();
    }

    private void beginOwnAnswer() {
        hold.releaseTable();
        begin();
    }

    // ---- either ----

    /** Begins with a head that is known: it leaves when all response filters have seen it. */
    void begin() {
        if (WebSocketOpening.isMistakable(exchange.request(), response.head())) {
            boolean isUpstreams = response.isUpstreams();
            refuse(
                    isUpstreams ? Reason.UPSTREAM_PROTOCOL : Reason.UPGRADE_REFUSED,
                    (isUpstreams ? "the endpoint" : "the route itself")
                            + " answered a WebSocket without changing to it");
            return;
        }
        exchange.enter(Phase.RESPONSE);
        admission.reportLimits(response.head().fields());
        if (filters.runResponse()) {
            send();
        }
    }

    /** All response filters have run: what they made of it leaves. */
    void send() {
        crossOrigin.write(response);
        if (response.isUpstreams()) {
            sendUpstreams();
        } else {
            sendOwn();
        }
    }

    private void sendUpstreams() {
        exchange.enter(Phase.RELAY);
        if (response.isEventStream()) {
            // It lasts as long as it has something to say: only its silence is bounded, by the upstream's idle time.
            totalBound.lift();
        }
        FilteredResponse body = exchange.responseBody();
        if (response.isBodyToCome() && !body.prepare(response.head())) {
            return;
        }
        if (response.sendUpstreams(exchange.stream(), record)) {
            exchange.end();
        } else if (response.isHeld()) {
            body.sendHeld();
        } else {
            relay.responseBegun();
        }
    }

    private void sendOwn() {
        exchange.enter(Phase.ANSWER);
        GrpcAnswer.shape(exchange.request(), response.own());
        OwnCoding.code(
                filters.chain(),
                exchange.request(),
                response.own(),
                context.meters().counters());
        if (!exchange.isRequestComplete() && relay.isTooMuchToDrain(exchange.request())) {
            exchange.stream().closeAfterwards();
        }
        response.sendOwn(exchange.stream(), record);
        exchange.end();
    }

    /** All of the endpoint's response has left but its end. */
    void finish(Fields trailers) {
        exchange.stream().sendEnd(trailers);
        exchange.end();
    }
}

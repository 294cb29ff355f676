package io.penstock.exchange;

import io.penstock.filter.ErrorPages;
import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;
import org.jspecify.annotations.Nullable;

/**
 * The response of one exchange until its head has left: the endpoint's, or an own answer in its place. Response filters see
 * and edit whichever it is.
 */
@WorkerConfined
final class ExchangeResponse {
    private final OwnAnswer own = new OwnAnswer();
    private final RequestHead request;
    private final Fields noFields;

    /** Null where the answer is our own. */
    private @Nullable ResponseHead upstreamHead;

    private boolean isUpstreamHeadLast;
    private boolean isHeadSent;
    private boolean isHeld;

    ExchangeResponse(RequestHead request, Fields noFields) {
        this.request = request;
        this.noFields = noFields;
    }

    /** What an own answer will hold. */
    OwnAnswer own() {
        return own;
    }

    /** The head that leaves, as things stand. */
    ResponseHead head() {
        ResponseHead fromUpstream = upstreamHead;
        return fromUpstream == null ? own.head() : fromUpstream;
    }

    boolean isUpstreams() {
        return upstreamHead != null;
    }

    /** Whether the client has seen the beginning of it, after which nothing else can be said. */
    boolean isHeadSent() {
        return isHeadSent;
    }

    /** The endpoint has answered. */
    void take(ResponseHead head, boolean isLast) {
        upstreamHead = head;
        isUpstreamHeadLast = isLast;
    }

    /** Keeps a copy of the endpoint's head, with all edits, whose stream serves others while a filter waits. */
    void keepHead() {
        ResponseHead fromUpstream = upstreamHead;
        if (fromUpstream != null && fromUpstream != own.head()) {
            upstreamHead = own.keep(fromUpstream);
        }
    }

    /** Whether a body of the endpoint follows, or is held here. */
    boolean isBodyToCome() {
        return upstreamHead != null && !isUpstreamHeadLast;
    }

    /** Whether the endpoint's answer can have a body at all (RFC 9110 section 6.4.1). */
    boolean mayHaveBody() {
        int status = head().status();
        return request.method() != Method.HEAD && status != 204 && status != 304;
    }

    /** Whether its body is a stream of events for as long as the client listens. */
    boolean isEventStream() {
        Fields fields = head().fields();
        int type = fields.find(KnownField.CONTENT_TYPE);
        return type >= 0 && fields.valueStartsWithIgnoreCase(type, "text/event-stream");
    }

    /** Whether it has no body only because nothing but the head was asked for. */
    boolean isForHead() {
        int status = head().status();
        return request.method() == Method.HEAD && status != 204 && status != 304;
    }

    /** Whether the body is here as a whole, and its stream is given back. */
    boolean isHeld() {
        return isHeld;
    }

    void isHeld(boolean held) {
        isHeld = held;
        isUpstreamHeadLast = false;
    }

    /** The endpoint's body has turned out to be empty while a filter looked at its head, which is then all there is. */
    void endEmpty() {
        keepHead();
        own.head().framing(0, false);
        isUpstreamHeadLast = true;
    }

    /** Answers in the endpoint's place. */
    void answer(Answer answer) {
        upstreamHead = null;
        isHeld = false;
        own.fill(answer);
    }

    /** Refuses in the endpoint's place. */
    void refuse(Reason reason, String detail, ErrorPages pages, DownstreamStream stream, String requestId) {
        upstreamHead = null;
        isHeld = false;
        own.refusal(reason, detail, pages, request, stream, requestId);
    }

    /** The head of a 101 leaves, past all filters. */
    void sendSwitch(ResponseHead head, DownstreamStream stream, ExchangeRecord record) {
        isHeadSent = true;
        record.status(101);
        stream.sendHead(head, false);
    }

    /** The endpoint's head leaves. @return whether it is all there is */
    boolean sendUpstreams(DownstreamStream stream, ExchangeRecord record) {
        isHeadSent = true;
        ResponseHead head = head();
        record.status(head.status());
        stream.sendHead(head, isUpstreamHeadLast);
        return isUpstreamHeadLast;
    }

    /** All of the own answer leaves. */
    void sendOwn(DownstreamStream stream, ExchangeRecord record) {
        isHeadSent = true;
        ResponseHead head = own.head();
        record.status(head.status());
        boolean hasBody = own.body().length > 0 && request.method() != Method.HEAD;
        stream.sendHead(head, !hasBody);
        if (hasBody) {
            record.responseBytes(own.body().length);
            stream.sendBody(own.body(), 0, own.body().length);
            stream.sendEnd(noFields);
        }
    }

    void reset() {
        upstreamHead = null;
        isUpstreamHeadLast = false;
        isHeadSent = false;
        isHeld = false;
        own.reset();
    }
}

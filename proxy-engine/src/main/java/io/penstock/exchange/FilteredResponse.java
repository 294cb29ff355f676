package io.penstock.exchange;

import io.penstock.coding.CodingException;
import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.spi.BodyReader;
import io.penstock.spi.Verdict;
import io.penstock.transport.Received;
import org.jspecify.annotations.Nullable;

/**
 * The body and trailers of one response where filters have to do with them: read as a whole, replaced, or changed part by
 * part on their way to the client. Body hooks see what endpoints say, not what this gateway says itself.
 */
@WorkerConfined
final class FilteredResponse implements BodyRun.Sink, CodedBody.Way {
    private static final byte[] NOTHING = {};
    private static final long UNKNOWN = -1;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final FilterRun filters;
    private final BodyRun run;
    private final CollectedBody collected = new CollectedBody();
    private final CodedBody coded;

    private final ResponseTrailers trailers;

    // The coding of a body that was replaced by one without.
    private @Nullable ContentCoding replaced;

    // The coding that a filter asked for, for clients that accept it.
    private @Nullable ContentCoding asked;
    private int effort;
    private boolean isStreaming;
    private boolean isInUse;
    private boolean isHooked;
    private long declared = UNKNOWN;
    private long passed;

    FilteredResponse(Exchange exchange, ExchangeContext context, FilterRun filters, HookCall call) {
        this.exchange = exchange;
        this.context = context;
        this.filters = filters;
        this.run = new BodyRun(filters, call, Hook.RESPONSE_BODY, this);
        this.coded = new CodedBody(run, this, context.codings());
        this.trailers = new ResponseTrailers(exchange, filters, context.noFields());
    }

    BodyRun run() {
        return run;
    }

    // ---- in the response hook ----

    void read(int bytesMax, boolean isDecoding, BodyReader reader) {
        ExchangeResponse response = exchange.response();
        boolean isKnown = !response.isBodyToCome() || collected.isWhole();
        byte[] known =
                !response.isUpstreams() ? response.own().body() : collected.isWhole() ? collected.bytes() : NOTHING;
        String coding = isDecoding && response.isUpstreams() ? contentEncoding() : "";
        boolean isPlain = !ContentCoding.isCoded(coding) || (isKnown && known.length == 0);
        if (isKnown && isPlain && known.length <= bytesMax) {
            reader.complete(known);
            return;
        }
        isInUse = true;
        collected.begin(bytesMax, coding, reader);
        if (isKnown && !isPlain && known.length <= bytesMax) {
            collected.complete();
        } else if (isKnown || response.head().contentLength() > bytesMax) {
            collected.refuse();
        } else {
            exchange.attempts().demand(true);
        }
    }

    /** Has the body coded behind all hooks, if it has no coding then and there is room for another. */
    void encode(ContentCoding coding, int codingEffort) {
        ExchangeResponse response = exchange.response();
        if (!response.isUpstreams()) {
            return;
        }
        if (response.isBodyToCome()) {
            asked = coding;
            effort = codingEffort;
        } else if (exchange.request().method() == Method.HEAD) {
            // What GET would be told.
            response.head().fields().set("Content-Encoding", coding.token());
            BodyFields.weaken(response.head().fields());
            response.head().framing(UNKNOWN, true);
        }
    }

    private String contentEncoding() {
        Fields fields = exchange.response().head().fields();
        int at = fields.find("content-encoding");
        return at < 0 ? "" : fields.value(at);
    }

    void replace(byte[] body, boolean isDecoding) {
        ExchangeResponse response = exchange.response();
        ResponseHead head = response.head();
        if (!response.isUpstreams()) {
            response.own().replaceBody(body);
        } else if (response.mayHaveBody()) {
            isInUse = true;
            ContentCoding was = isDecoding ? CodedBody.of(head.fields()) : null;
            replaced = was == null ? replaced : was;
            response.keepHead();
            if (!collected.isWhole()) {
                exchange.giveUpEndpoint();
            }
            collected.replace(body);
            response.isHeld(true);
            response.head().framing(body.length, false);
        } else if (response.isForHead()) {
            // The length that the body would have (RFC 9110 section 9.3.2).
            head.framing(body.length, false);
        } else {
            return;
        }
        BodyFields.dropFromResponse(response.head().fields());
    }

    /** What a response hook's verdict comes to, given what became of the body it read. */
    Verdict settle(Verdict verdict) {
        if (!isInUse || verdict instanceof Verdict.Suspended) {
            return verdict;
        }
        boolean wasCollecting = collected.isCollecting();
        stop();
        if (verdict instanceof Verdict.Answered) {
            return verdict;
        }
        if (collected.wasTooLarge()) {
            return new Verdict.Failed(
                    Reason.RESPONSE_BODY_TOO_LARGE, "the response's body is longer than a filter of the route takes");
        }
        CodingException broken = collected.unreadable();
        if (broken != null) {
            return new Verdict.Failed(reason(broken), detail(broken));
        }
        return wasCollecting && verdict instanceof Verdict.Continue
                ? new Verdict.Failed(Reason.FILTER_FAILED, "a filter went on before the body it reads was complete")
                : verdict;
    }

    private static Reason reason(CodingException broken) {
        return broken.isRatio() ? Reason.UPSTREAM_CODING_RATIO : Reason.UPSTREAM_BAD_CODING;
    }

    private static String detail(CodingException broken) {
        return "the answer's body cannot be decoded: " + broken.getMessage();
    }

    /** Nobody waits for the body as a whole any more. */
    void stop() {
        if (collected.isCollecting()) {
            collected.drop();
        }
    }

    // ---- from the endpoint ----

    /** Takes a part while the head is being looked at. @return how many bytes were taken */
    int collect(Received bytes, int offset, int length) {
        if (!collected.isCollecting()) {
            return 0;
        }
        exchange.pace().responsePassed(length);
        collected.take(bytes.buffer(), offset, length);
        return length;
    }

    /** The body has ended while the head is being looked at; the stream is given back. */
    void collected(Fields received) {
        if (received.count() > 0) {
            trailers.keep(received, isHooked);
        }
        exchange.response().isHeld(true);
        if (collected.isCollecting()) {
            collected.complete();
        }
    }

    /** Makes the head say how the body will come. @return false if the exchange has ended */
    boolean prepare(ResponseHead head) {
        isHooked = filters.chain().first(Hook.RESPONSE_BODY) != FilterChain.NONE;
        isInUse |= trailers.begin() || isHooked;
        ContentCoding again = replaced;
        ContentCoding wanted = asked;
        if (wanted != null && again == null && head.fields().find("content-encoding") < 0) {
            isStreaming = head.contentLength() < 0 && !exchange.response().isHeld();
            if (coded.begin(null, wanted, effort)) {
                isInUse = true;
                isHooked = true;
                head.fields().set("Content-Encoding", wanted.token());
                BodyFields.weaken(head.fields());
                head.framing(UNKNOWN, true);
                context.meters().counters().add(Counter.BODIES_COMPRESSED);
                return true;
            }
            context.meters().counters().add(Counter.BODIES_NOT_COMPRESSED);
        }
        boolean isCodedAgain =
                again != null && collected.bytes().length > 0 && head.fields().find("content-encoding") < 0;
        ContentCoding coding = isCodedAgain
                ? again
                : isHooked && filters.chain().decodes(Hook.RESPONSE_BODY) ? CodedBody.of(head.fields()) : null;
        if (again != null && isCodedAgain) {
            head.fields().set("content-encoding", again.token());
        }
        if (isHooked) {
            BodyFields.weaken(head.fields());
        }
        if (coding != null && isHooked) {
            if (!coded.begin(coding, isCodedAgain)) {
                exchange.refuse(Reason.CODINGS_FULL, "");
                return false;
            }
            head.framing(UNKNOWN, true);
        } else if (coding != null) {
            byte[] body = WholeBody.encoded(coding, collected.bytes());
            collected.replace(body);
            head.framing(body.length, false);
        } else if (isHooked) {
            if (filters.chain().keepsLength(Hook.RESPONSE_BODY)) {
                declared = head.contentLength();
            } else {
                head.framing(UNKNOWN, true);
            }
        }
        return true;
    }

    /** Whether the body on its way passes hooks. */
    boolean isHooked() {
        return isHooked;
    }

    /** Whether the end has to be told here. */
    boolean isInUse() {
        return isInUse;
    }

    boolean isWaiting() {
        return run.isWaiting();
    }

    void take(Received bytes, int offset, int length) {
        if (!coded.isDecoding()) {
            if (run.take(bytes, offset, length) && isStreaming) {
                coded.flush();
            }
        } else if (coded.take(bytes, offset, length) && coded.isHolding()) {
            exchange.attempts().demand(false);
        }
    }

    /** Whether bytes of the endpoint wait here until the client takes more. */
    boolean isHolding() {
        return coded.isHolding();
    }

    /** Sends a body that is here. */
    void sendHeld() {
        byte[] body = collected.bytes();
        if (isHooked) {
            if (coded.isDecoding() ? coded.take(body) : run.take(body)) {
                end();
            }
            return;
        }
        if (body.length > 0) {
            exchange.record().responseBytes(body.length);
            exchange.stream().sendBody(body, 0, body.length);
        }
        ended();
    }

    /** The endpoint's body has ended, and its stream is given back. */
    void end(Fields received) {
        if (received.count() > 0) {
            trailers.keep(received, isHooked);
        }
        end();
    }

    private void end() {
        if (coded.isDecoding()) {
            coded.end();
        } else if (isHooked) {
            run.end();
        } else {
            ended();
        }
    }

    /** The trailers, which pass hooks of their own. */
    ResponseTrailers trailers() {
        return trailers;
    }

    // ---- towards the client ----

    @Override
    public boolean put(BodyPart part) {
        int count = part.count();
        if (count == 0) {
            return true;
        }
        if (declared >= 0 && passed + count > declared) {
            exchange.refuse(Reason.FILTER_FAILED, "body hooks gave more bytes than the response's Content-Length");
            return false;
        }
        passed += count;
        if (coded.isEncoding()) {
            if (asked != null) {
                context.meters().counters().add(Counter.COMPRESS_BYTES_IN, count);
            }
            coded.encode(part.bytes(), 0, count);
            holdBackIfFull();
            return true;
        }
        exchange.record().responseBytes(count);
        Received received = part.received();
        if (received != null) {
            exchange.stream().sendBody(received, part.receivedOffset(), count);
        } else {
            exchange.stream().sendBody(part.own(), 0, count);
        }
        holdBackIfFull();
        return true;
    }

    private void holdBackIfFull() {
        if (!exchange.stream().isSendable()) {
            exchange.attempts().demand(false);
        }
    }

    @Override
    public boolean isOpen() {
        return exchange.stream().isSendable();
    }

    @Override
    public void send(byte[] bytes) {
        if (asked != null) {
            context.meters().counters().add(Counter.COMPRESS_BYTES_OUT, bytes.length);
        }
        exchange.record().responseBytes(bytes.length);
        exchange.stream().sendBody(bytes, 0, bytes.length);
    }

    @Override
    public void broken(CodingException why) {
        exchange.refuse(reason(why), detail(why));
    }

    @Override
    public void ended() {
        if (declared >= 0 && passed < declared) {
            exchange.refuse(Reason.FILTER_FAILED, "body hooks gave fewer bytes than the response's Content-Length");
            return;
        }
        coded.encodeEnd();
        trailers.end();
    }

    @Override
    public void pause() {
        exchange.attempts().demand(false);
    }

    @Override
    public void goOn() {
        if (coded.goOn() && !coded.isHolding() && !run.isWaiting()) {
            exchange.attempts().demand(exchange.stream().isSendable());
        }
    }

    void reset() {
        if (isInUse) {
            collected.reset();
            run.reset();
            coded.reset();
        }
        replaced = null;
        asked = null;
        isStreaming = false;
        trailers.reset();
        isInUse = false;
        isHooked = false;
        declared = UNKNOWN;
        passed = 0;
    }
}

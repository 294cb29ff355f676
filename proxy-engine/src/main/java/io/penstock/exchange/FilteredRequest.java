package io.penstock.exchange;

import io.penstock.coding.CodingException;
import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.BodyReader;
import io.penstock.spi.Verdict;
import io.penstock.transport.Received;
import io.penstock.upstream.UpstreamStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request where filters have to do with it: read as a whole, replaced, or changed part by part on its way.
 * {@link Relay} asks once for each part whether any of that is so, and carries all other bodies itself.
 */
@WorkerConfined
final class FilteredRequest implements BodyRun.Sink, CodedBody.Way {
    private static final byte[] NOTHING = {};
    private static final long UNKNOWN = -1;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final FilterRun filters;
    private final BodyRun run;
    private final CollectedBody collected = new CollectedBody();
    private final CodedBody coded;

    private @Nullable UpstreamStream upstream;
    private Fields trailers;
    // The coding of a body that was replaced by one without.
    private @Nullable ContentCoding replaced;
    // How long the body may be once its coding is undone; 0 where it is not.
    private long plainMax;
    private boolean isInUse;
    private boolean isPrepared;
    private boolean isHooked;
    private boolean isFed;
    private boolean isDiscarding;
    private long declared = UNKNOWN;
    private long passed;

    FilteredRequest(Exchange exchange, ExchangeContext context, FilterRun filters, HookCall call) {
        this.exchange = exchange;
        this.context = context;
        this.filters = filters;
        this.trailers = context.noFields();
        this.run = new BodyRun(filters, call, Hook.REQUEST_BODY, this);
        this.coded = new CodedBody(run, this, context.codings());
    }

    /** Whether the body takes this way. */
    boolean isInUse() {
        return isInUse;
    }

    BodyRun run() {
        return run;
    }

    // ---- in the request hook ----

    void read(int bytesMax, boolean isDecoding, BodyReader reader) {
        String coding = isDecoding ? contentEncoding() : "";
        if (collected.isWhole() || !exchange.hasRequestBody()) {
            byte[] bytes = collected.isWhole() ? collected.bytes() : NOTHING;
            if (bytes.length > bytesMax) {
                isInUse = true;
                collected.begin(bytesMax, "", reader);
                collected.refuse();
            } else if (ContentCoding.isCoded(coding) && bytes.length > 0) {
                collected.begin(bytesMax, coding, reader);
                collected.complete();
            } else {
                reader.complete(bytes);
            }
            return;
        }
        isInUse = true;
        collected.begin(bytesMax, coding, reader);
        if (exchange.request().contentLength() > bytesMax) {
            collected.refuse();
            return;
        }
        if (exchange.request().expectsContinue()) {
            exchange.relay().continueNow();
        }
        exchange.pace().demandRequest(true);
    }

    /** Has the coding of the body undone on its way to the endpoint, if it is a known one. */
    void decode(long bytesMax) {
        plainMax = Math.max(1, bytesMax);
    }

    private String contentEncoding() {
        Fields fields = exchange.request().fields();
        int at = fields.find("content-encoding");
        return at < 0 ? "" : fields.value(at);
    }

    void replace(byte[] body, boolean isDecoding) {
        RequestHead head = exchange.request();
        boolean hadBody = exchange.hasRequestBody();
        boolean isMissing = hadBody && !exchange.isRequestComplete() && !collected.isWhole();
        if (!hadBody && !isInUse && body.length == 0) {
            return;
        }
        isInUse = true;
        ContentCoding was = isDecoding ? CodedBody.of(head.fields()) : null;
        replaced = was == null ? replaced : was;
        collected.replace(body);
        trailers = context.noFields();
        if (isMissing) {
            discard(head);
        }
        exchange.hasRequestBody(body.length > 0);
        head.framing(body.length, false);
        BodyFields.dropFromRequest(head.fields());
    }

    // What the client still sends is read and dropped, so that it comes to read its answer.
    private void discard(RequestHead head) {
        isDiscarding = true;
        if (head.expectsContinue() && !exchange.relay().wasContinued()) {
            head.forwarding().expectContinue(false);
            exchange.stream().closeAfterwards();
        } else {
            exchange.pace().demandRequest(true);
        }
    }

    /** What a request hook's verdict comes to, given what became of the body it read. */
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
            return new Verdict.Failed(Reason.BODY_TOO_LARGE, "the body is longer than a filter of the route takes");
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
        return broken.isRatio() ? Reason.CODING_RATIO : Reason.BAD_CODING;
    }

    private static String detail(CodingException broken) {
        return "the request's body cannot be decoded: " + broken.getMessage();
    }

    /** Nobody waits for the body as a whole any more. */
    void stop() {
        if (collected.isCollecting()) {
            collected.drop();
            exchange.pace().demandRequest(false);
        }
    }

    // ---- from the client ----

    void take(Received bytes, int offset, int length) {
        if (collected.isCollecting()) {
            if (!collected.fits(length)) {
                exchange.pace().demandRequest(false);
            }
            // What does not fit is told to the reader, whose answer may be the exchange's last.
            collected.take(bytes.buffer(), offset, length);
        } else if (!isDiscarding && upstream != null) {
            if (!coded.isDecoding()) {
                run.take(bytes, offset, length);
            } else if (coded.take(bytes, offset, length) && coded.isHolding()) {
                exchange.pace().demandRequest(false);
            }
        }
    }

    void end(Fields received) {
        if (collected.isCollecting()) {
            trailers = received;
            collected.complete();
        } else if (!isDiscarding && upstream != null) {
            trailers = received;
            end();
        }
    }

    private void end() {
        if (coded.isDecoding()) {
            coded.end();
        } else {
            run.end();
        }
    }

    // ---- towards the endpoint ----

    /** Makes the head say how the body will come; once for all tries. @return false if the exchange has ended */
    boolean prepare(RequestHead head) {
        if (isPrepared) {
            return true;
        }
        isPrepared = true;
        isHooked = exchange.hasRequestBody() && filters.chain().first(Hook.REQUEST_BODY) != FilterChain.NONE;
        ContentCoding again = replaced;
        ContentCoding undone = plainMax > 0 && exchange.hasRequestBody() ? CodedBody.of(head.fields()) : null;
        if (undone != null) {
            return prepareDecoded(head, undone);
        }
        boolean isCodedAgain = again != null
                && plainMax == 0
                && exchange.hasRequestBody()
                && head.fields().find("content-encoding") < 0;
        ContentCoding coding = isCodedAgain
                ? again
                : isHooked && filters.chain().decodes(Hook.REQUEST_BODY) ? CodedBody.of(head.fields()) : null;
        if (again != null && isCodedAgain) {
            head.fields().set("content-encoding", again.token());
        }
        if (isHooked) {
            isInUse = true;
            BodyFields.dropDigests(head.fields());
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
            if (filters.chain().keepsLength(Hook.REQUEST_BODY)) {
                declared = head.contentLength();
            } else {
                head.framing(UNKNOWN, true);
            }
        }
        return true;
    }

    private boolean prepareDecoded(RequestHead head, ContentCoding undone) {
        isHooked = true;
        isInUse = true;
        if (!coded.begin(undone, null, ContentCoding.BALANCED)) {
            exchange.refuse(Reason.CODINGS_FULL, "");
            return false;
        }
        BodyFields.dropFromRequest(head.fields());
        head.framing(UNKNOWN, true);
        return true;
    }

    /** Whether the body is here, and not with the client. */
    boolean hasOwnSource() {
        return collected.isWhole();
    }

    void upstreamReady(UpstreamStream stream) {
        upstream = stream;
        if (!collected.isWhole() || !exchange.hasRequestBody()) {
            return;
        }
        if (!isHooked) {
            stream.sendBody(new UnsafeBuffer(collected.bytes()), 0, collected.bytes().length);
            stream.sendEnd(trailers);
        } else if (isFed) {
            stream.sendEnd(trailers);
        } else {
            isFed = true;
            feed();
        }
    }

    private void feed() {
        byte[] body = collected.bytes();
        if (coded.isDecoding() ? coded.take(body) : run.take(body)) {
            end();
        }
    }

    void upstreamLost() {
        upstream = null;
    }

    /** Whether the endpoint may be given more of what the client sends. */
    boolean wantsMore() {
        return isHooked && !hasOwnSource() && !isWaiting();
    }

    /** Whether all that an endpoint has got can be sent again, beside what is kept of it. */
    boolean canReplay() {
        return !isWaiting() && (passed == 0 || (collected.isWhole() && !isHooked));
    }

    /** Whether all that an endpoint has got is here as a whole. */
    boolean canCopy() {
        return collected.isWhole() && !isHooked;
    }

    void copyTo(UpstreamStream stream) {
        stream.sendBody(new UnsafeBuffer(collected.bytes()), 0, collected.bytes().length);
        stream.sendEnd(trailers);
    }

    /** Whether a hook is waited for, or the endpoint to take more of what is here. */
    boolean isWaiting() {
        return run.isWaiting() || coded.isHolding();
    }

    /** Whether bytes of the body wait here until the endpoint takes more. */
    boolean isHolding() {
        return coded.isHolding();
    }

    @Override
    public boolean put(BodyPart part) {
        UpstreamStream stream = upstream;
        int count = part.count();
        if (stream == null || count == 0) {
            return true;
        }
        if (declared >= 0 && passed + count > declared) {
            exchange.refuse(Reason.FILTER_FAILED, "body hooks gave more bytes than the request's Content-Length");
            return false;
        }
        passed += count;
        if (plainMax > 0 && passed > plainMax && coded.isDecoding()) {
            exchange.refuse(
                    Reason.BODY_TOO_LARGE,
                    "the body comes to more than the " + plainMax + " bytes that a filter lets pass");
            return false;
        }
        if (coded.isEncoding()) {
            coded.encode(part.bytes(), 0, count);
            holdBackIfFull(stream);
            return true;
        }
        exchange.relay().keep(part.bytes(), 0, count);
        Received received = part.received();
        if (received != null) {
            stream.sendBody(received, part.receivedOffset(), count);
        } else {
            stream.sendBody(part.bytes(), 0, count);
        }
        holdBackIfFull(stream);
        return true;
    }

    private void holdBackIfFull(UpstreamStream stream) {
        if (!hasOwnSource() && !stream.isSendable()) {
            exchange.pace().demandRequest(false);
        }
    }

    @Override
    public boolean isOpen() {
        UpstreamStream stream = upstream;
        return stream != null && stream.isSendable();
    }

    @Override
    public void send(byte[] bytes) {
        UpstreamStream stream = upstream;
        if (stream != null) {
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            exchange.relay().keep(buffer, 0, bytes.length);
            stream.sendBody(buffer, 0, bytes.length);
        }
    }

    @Override
    public void broken(CodingException why) {
        exchange.refuse(reason(why), detail(why));
    }

    @Override
    public void ended() {
        if (declared >= 0 && passed < declared) {
            exchange.refuse(Reason.FILTER_FAILED, "body hooks gave fewer bytes than the request's Content-Length");
            return;
        }
        coded.encodeEnd();
        UpstreamStream stream = upstream;
        if (stream != null) {
            exchange.relay().endRequest(stream, trailers);
        }
    }

    @Override
    public void pause() {
        if (!hasOwnSource()) {
            exchange.pace().demandRequest(false);
        }
    }

    @Override
    public void goOn() {
        if (!coded.goOn() || isWaiting()) {
            return;
        }
        UpstreamStream stream = upstream;
        if (stream != null && !hasOwnSource() && !exchange.isRequestComplete()) {
            exchange.pace().demandRequest(stream.isSendable());
        }
    }

    void reset() {
        if (isInUse) {
            collected.reset();
            run.reset();
            coded.reset();
        }
        replaced = null;
        plainMax = 0;
        trailers = context.noFields();
        upstream = null;
        isInUse = false;
        isPrepared = false;
        isHooked = false;
        isFed = false;
        isDiscarding = false;
        declared = UNKNOWN;
        passed = 0;
    }
}

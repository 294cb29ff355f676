package io.penstock.exchange;

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
final class FilteredRequest implements BodyRun.Sink {
    private static final byte[] NOTHING = {};
    private static final long UNKNOWN = -1;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final FilterRun filters;
    private final BodyRun run;
    private final CollectedBody collected = new CollectedBody();

    private @Nullable UpstreamStream upstream;
    private Fields trailers;
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
    }

    /** Whether the body takes this way. */
    boolean isInUse() {
        return isInUse;
    }

    BodyRun run() {
        return run;
    }

    // ---- in the request hook ----

    void read(int bytesMax, BodyReader reader) {
        if (collected.isWhole() || !exchange.hasRequestBody()) {
            byte[] bytes = collected.isWhole() ? collected.bytes() : NOTHING;
            if (bytes.length > bytesMax) {
                isInUse = true;
                collected.begin(bytesMax, reader);
                collected.refuse();
            } else {
                reader.complete(bytes);
            }
            return;
        }
        isInUse = true;
        collected.begin(bytesMax, reader);
        if (exchange.request().contentLength() > bytesMax) {
            collected.refuse();
            return;
        }
        if (exchange.request().expectsContinue()) {
            exchange.relay().continueNow();
        }
        exchange.stream().demand(true);
    }

    void replace(byte[] body) {
        RequestHead head = exchange.request();
        boolean hadBody = exchange.hasRequestBody();
        boolean isMissing = hadBody && !exchange.isRequestComplete() && !collected.isWhole();
        if (!hadBody && !isInUse && body.length == 0) {
            return;
        }
        isInUse = true;
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
            exchange.stream().demand(true);
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
        return wasCollecting && verdict instanceof Verdict.Continue
                ? new Verdict.Failed(Reason.FILTER_FAILED, "a filter went on before the body it reads was complete")
                : verdict;
    }

    /** Nobody waits for the body as a whole any more. */
    void stop() {
        if (collected.isCollecting()) {
            collected.drop();
            exchange.stream().demand(false);
        }
    }

    // ---- from the client ----

    void take(Received bytes, int offset, int length) {
        if (collected.isCollecting()) {
            if (!collected.take(bytes.buffer(), offset, length)) {
                exchange.stream().demand(false);
            }
        } else if (!isDiscarding && upstream != null) {
            run.take(bytes, offset, length);
        }
    }

    void end(Fields received) {
        if (collected.isCollecting()) {
            trailers = received;
            collected.complete();
        } else if (!isDiscarding && upstream != null) {
            trailers = received;
            run.end();
        }
    }

    // ---- towards the endpoint ----

    /** Makes the head say how the body will come; once for all tries. */
    void prepare(RequestHead head) {
        if (isPrepared) {
            return;
        }
        isPrepared = true;
        isHooked = exchange.hasRequestBody() && filters.chain().first(Hook.REQUEST_BODY) != FilterChain.NONE;
        if (isHooked) {
            isInUse = true;
            if (filters.chain().keepsLength(Hook.REQUEST_BODY)) {
                declared = head.contentLength();
            } else {
                head.framing(UNKNOWN, true);
            }
        }
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
        if (run.take(collected.bytes())) {
            run.end();
        }
    }

    void upstreamLost() {
        upstream = null;
    }

    /** Whether the endpoint may be given more of what the client sends. */
    boolean wantsMore() {
        return isHooked && !hasOwnSource() && !run.isWaiting();
    }

    /** Whether all that an endpoint has got can be sent again, beside what is kept of it. */
    boolean canReplay() {
        return !run.isWaiting() && (passed == 0 || (collected.isWhole() && !isHooked));
    }

    boolean isWaiting() {
        return run.isWaiting();
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
        exchange.relay().keep(part.bytes(), 0, count);
        Received received = part.received();
        if (received != null) {
            stream.sendBody(received, part.receivedOffset(), count);
        } else {
            stream.sendBody(part.bytes(), 0, count);
        }
        if (!hasOwnSource() && !stream.isSendable()) {
            exchange.stream().demand(false);
        }
        return true;
    }

    @Override
    public void ended() {
        if (declared >= 0 && passed < declared) {
            exchange.refuse(Reason.FILTER_FAILED, "body hooks gave fewer bytes than the request's Content-Length");
            return;
        }
        UpstreamStream stream = upstream;
        if (stream != null) {
            exchange.relay().endRequest(stream, trailers);
        }
    }

    @Override
    public void pause() {
        if (!hasOwnSource()) {
            exchange.stream().demand(false);
        }
    }

    @Override
    public void goOn() {
        UpstreamStream stream = upstream;
        if (stream != null && !hasOwnSource() && !exchange.isRequestComplete()) {
            exchange.stream().demand(stream.isSendable());
        }
    }

    void reset() {
        if (isInUse) {
            collected.reset();
            run.reset();
        }
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

package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import io.penstock.upstream.UpstreamStream;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one exchange, both ways. Each side is read only while the other can be written, so that what waits in
 * memory is bounded by the two water marks, however long the bodies are.
 */
@WorkerConfined
final class Relay {
    /** How long an endpoint may keep silent about {@code Expect: 100-continue} before the client is told to go on. */
    private static final long CONTINUE_WAIT_NS = 1_000_000_000L;

    /** A request body this short is read and dropped after an early answer, so that the connection can be kept. */
    private static final long DRAIN_BYTES_MAX = 64 * 1024;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final ReplayBuffer replay = new ReplayBuffer();
    private final ContinueTimer continueTimer = new ContinueTimer();

    private @Nullable UpstreamStream upstream;
    private long requestBytes;
    private boolean awaitsContinue;
    private boolean wasContinued;
    private boolean isTunnel;
    private boolean hasTunnelDownstreamEnded;
    private boolean hasTunnelUpstreamEnded;

    Relay(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    // ---- towards the endpoint ----

    /** The request's head has left; what is kept of an earlier try follows, then the client's body. */
    void upstreamReady(UpstreamStream stream, boolean isRequestComplete, boolean hasBody, boolean isBodyKept) {
        upstream = stream;
        replay.begin(hasBody && isBodyKept, exchange.attempts().replayBytesMax());
        replay.sendTo(stream);
        exchange.requestBody().upstreamReady(stream);
        if (!hasBody || exchange.requestBody().hasOwnSource()) {
            return;
        }
        if (isRequestComplete) {
            stream.sendEnd(context.noFields());
        } else if (exchange.request().expectsContinue() && requestBytes == 0 && !wasContinued) {
            awaitsContinue = true;
            context.wheel().arm(continueTimer, context.loop().nowNs() + CONTINUE_WAIT_NS);
        } else {
            exchange.pace().demandRequest(stream.isSendable());
        }
    }

    void requestBody(Received bytes, int offset, int length) {
        requestBytes += length;
        exchange.pace().requestPassed(length);
        exchange.record().requestBytes(length);
        if (!isTunnel) {
            if (requestBytes > exchange.route().bodyMaxBytes()) {
                exchange.stream().closeAfterwards();
                exchange.refuse(
                        Reason.BODY_TOO_LARGE,
                        "the body is longer than the " + exchange.route().bodyMaxBytes()
                                + " bytes that the route allows");
                return;
            }
            if (exchange.requestBody().isInUse()) {
                exchange.requestBody().take(bytes, offset, length);
                return;
            }
            replay.keep(bytes.buffer(), offset, length);
        } else {
            exchange.tunnel().clientPassed(bytes.buffer(), offset, length);
        }
        UpstreamStream stream = upstream;
        if (stream == null) {
            throw new IllegalStateException("request body came without demand");
        }
        stream.sendBody(bytes, offset, length);
        if (!stream.isSendable()) {
            exchange.pace().demandRequest(false);
        }
    }

    void requestEnd(Fields trailers) {
        UpstreamStream stream = upstream;
        if (trailers.count() > 0 && (stream != null || exchange.requestBody().isInUse())) {
            exchange.route().authenticators().guard(trailers);
        }
        if (exchange.requestBody().isInUse() && !isTunnel) {
            exchange.requestBody().end(trailers);
            return;
        }
        if (stream == null) {
            return;
        }
        if (isTunnel) {
            hasTunnelDownstreamEnded = true;
            stream.sendEnd(trailers);
            endTunnelIfBothEnded();
            return;
        }
        endRequest(stream, trailers);
    }

    /** The request's body is complete behind all filters. */
    void endRequest(UpstreamStream stream, Fields trailers) {
        if (trailers.count() > 0) {
            replay.drop();
        }
        stream.sendEnd(trailers);
    }

    /** Keeps what goes to the endpoint for a further try. */
    void keep(DirectBuffer bytes, int offset, int length) {
        replay.keep(bytes, offset, length);
    }

    void upstreamSendable() {
        if (exchange.requestBody().isHolding()) {
            exchange.requestBody().goOn();
            return;
        }
        if (!isTunnel
                && exchange.requestBody().isInUse()
                && !exchange.requestBody().wantsMore()) {
            return;
        }
        if (isTunnel) {
            exchange.tunnel().progressed();
        }
        if (upstream != null && !awaitsContinue && (isTunnel || !exchange.isRequestComplete())) {
            exchange.pace().demandRequest(true);
        }
    }

    /** Whether the client has asked for a 100 and was not told yet. */
    boolean awaitsContinue() {
        return awaitsContinue;
    }

    /** Tells the client to send its body, which a filter wants before an endpoint is asked. */
    void continueNow() {
        exchange.request().forwarding().expectContinue(false);
        if (!wasContinued) {
            wasContinued = true;
            exchange.record().continued();
            exchange.stream().sendInformational(context.continueHead().start(100, 0));
        }
    }

    /** Whether the client was told to send its body. */
    boolean wasContinued() {
        return wasContinued;
    }

    /** The client was told to send its body. */
    void continued() {
        if (awaitsContinue) {
            awaitsContinue = false;
            wasContinued = true;
            exchange.record().continued();
            context.wheel().disarm(continueTimer);
            UpstreamStream stream = upstream;
            exchange.pace().demandRequest(stream != null && stream.isSendable());
        }
    }

    /** The first byte of an answer has come: nothing may be replayed from here on. */
    void answerBegun() {
        replay.drop();
        if (awaitsContinue) {
            // A final answer instead of 100: whether the client sends its body nevertheless cannot be known.
            awaitsContinue = false;
            context.wheel().disarm(continueTimer);
            exchange.stream().closeAfterwards();
        }
    }

    /** Whether what was already sent of the body can be sent again. */
    boolean canReplay() {
        FilteredRequest filtered = exchange.requestBody();
        return filtered.isInUse()
                ? filtered.canReplay() || (replay.isWhole() && !filtered.isWaiting())
                : requestBytes == 0 || replay.isWhole();
    }

    /** Whether an endpoint beside the one that has got the request can be sent all of it. */
    boolean canCopy() {
        if (!exchange.hasRequestBody()) {
            return true;
        }
        FilteredRequest filtered = exchange.requestBody();
        return filtered.isInUse() ? filtered.canCopy() : exchange.isRequestComplete() && replay.isWhole();
    }

    /** Sends the body to another endpoint too; only where {@link #canCopy}. */
    void copyTo(UpstreamStream stream) {
        if (exchange.requestBody().isInUse()) {
            exchange.requestBody().copyTo(stream);
        } else {
            replay.sendTo(stream);
            stream.sendEnd(context.noFields());
        }
    }

    /** Of several streams that the request was sent on, the answer comes on this; null if it is complete. */
    void answeredBy(@Nullable UpstreamStream stream) {
        upstream = stream;
    }

    /** The stream broke or was given up; the body waits until another one is ready. */
    void upstreamLost() {
        upstream = null;
        exchange.requestBody().upstreamLost();
        if (awaitsContinue) {
            awaitsContinue = false;
            context.wheel().disarm(continueTimer);
        }
    }

    // ---- towards the client ----

    /** The response's head has left; body that was held back comes again. */
    void responseBegun() {
        UpstreamStream stream = upstream;
        if (stream != null) {
            exchange.attempts().demand(exchange.stream().isSendable());
        }
    }

    int responseBody(Received bytes, int offset, int length) {
        exchange.pace().responsePassed(length);
        if (exchange.responseBody().isHooked() && !isTunnel) {
            exchange.responseBody().take(bytes, offset, length);
            return length;
        }
        if (isTunnel) {
            exchange.tunnel().endpointPassed(bytes.buffer(), offset, length);
        }
        exchange.record().responseBytes(length);
        exchange.stream().sendBody(bytes, offset, length);
        UpstreamStream stream = upstream;
        if (stream != null && !exchange.stream().isSendable()) {
            exchange.attempts().demand(false);
        }
        return length;
    }

    void downstreamSendable() {
        if (exchange.responseBody().isHolding()) {
            exchange.responseBody().goOn();
            return;
        }
        if (isTunnel) {
            exchange.tunnel().progressed();
        }
        UpstreamStream stream = upstream;
        if (stream != null
                && (exchange.phase() == Phase.RELAY || isTunnel)
                && !exchange.responseBody().isWaiting()) {
            exchange.attempts().demand(true);
        }
    }

    // ---- tunnel ----

    void becomeTunnel() {
        UpstreamStream stream = upstream;
        if (stream == null) {
            throw new IllegalStateException("a tunnel needs its endpoint");
        }
        isTunnel = true;
        exchange.stream().becomeTunnel();
        stream.becomeTunnel();
        exchange.pace().demandRequest(true);
        exchange.attempts().demand(true);
    }

    void tunnelUpstreamEnd() {
        hasTunnelUpstreamEnded = true;
        exchange.stream().sendEnd(context.noFields());
        endTunnelIfBothEnded();
    }

    /** Says goodbye where that is still possible. */
    void endTunnel() {
        UpstreamStream stream = upstream;
        if (!hasTunnelUpstreamEnded) {
            exchange.tunnel().goingAway(exchange.stream());
        }
        if (stream != null && !hasTunnelDownstreamEnded) {
            exchange.tunnel().goingAway(stream);
        }
    }

    private void endTunnelIfBothEnded() {
        if (hasTunnelDownstreamEnded && hasTunnelUpstreamEnded) {
            exchange.tunnelEnded();
        }
    }

    // ---- the end ----

    /** Whether what is missing of the request is too long to be read and dropped. */
    boolean isTooMuchToDrain(RequestHead request) {
        return request.expectsContinue() || request.isChunked() || request.contentLength() > DRAIN_BYTES_MAX;
    }

    void reset() {
        context.wheel().disarm(continueTimer);
        upstream = null;
        requestBytes = 0;
        awaitsContinue = false;
        wasContinued = false;
        isTunnel = false;
        hasTunnelDownstreamEnded = false;
        hasTunnelUpstreamEnded = false;
        replay.reset();
    }

    private final class ContinueTimer extends Timer {
        @Override
        protected void expired(long nowNs) {
            exchange.stream().sendInformational(context.continueHead().start(100, 0));
            continued();
        }
    }
}

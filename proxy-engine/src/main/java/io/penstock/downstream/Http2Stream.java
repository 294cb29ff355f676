package io.penstock.downstream;

import io.penstock.exchange.DownstreamStream;
import io.penstock.exchange.Exchange;
import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.http.WebSocketKey;
import io.penstock.http2.ErrorCode;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Received;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One stream of an HTTP/2 connection, RFC 9113 section 5: one exchange's half. Pooled: when it has ended it may serve
 * another connection before the caller returns, so whoever calls what can end it compares {@link #id()} afterwards.
 */
@WorkerConfined
final class Http2Stream implements DownstreamStream {
    private static final byte[] PROTOCOL = "HTTP/2.0".getBytes(StandardCharsets.US_ASCII);

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int OK = 200;
    private static final int BAD_GATEWAY = 502;

    private final DownstreamContext context;
    private final Http2RequestBody request;
    private final Http2ResponseBody response;

    /** Null in the pool. */
    private @Nullable Http2Connection connection;

    private @Nullable ListenerRuntime listener;

    /** Null once the exchange has said all that it had to say. */
    private @Nullable Exchange exchange;

    private int id;
    private boolean isHeadRequest;
    private boolean takesTrailers;
    private boolean isHeadHeld;
    private boolean isInputRefused;
    private boolean isMalformed;
    private boolean isConnect;
    private boolean isTunnel;

    Http2Stream(DownstreamContext context) {
        this.context = context;
        this.request = new Http2RequestBody(this, context);
        this.response = new Http2ResponseBody(this, context);
    }

    // ---- for the connection ----

    void begin(Http2Connection owner, int streamId, ListenerRuntime current) {
        connection = owner;
        id = streamId;
        listener = current;
        isHeadRequest = false;
        takesTrailers = false;
        isHeadHeld = false;
        isInputRefused = false;
        isMalformed = false;
        isConnect = false;
        isTunnel = false;
        response.begin(owner.peerWindowBytes());
        exchange = context.exchanges().take(this);
    }

    /** 0 in the pool. */
    int id() {
        return id;
    }

    Http2Connection connection() {
        Http2Connection owner = connection;
        if (owner == null) {
            throw new IllegalStateException("the stream is in the pool");
        }
        return owner;
    }

    Http2Sender sender() {
        return connection().sender();
    }

    Http2RequestBody request() {
        return request;
    }

    Http2ResponseBody response() {
        return response;
    }

    boolean hasExchange() {
        return exchange != null;
    }

    Exchange exchange() {
        Exchange running = exchange;
        if (running == null) {
            throw new IllegalStateException("no exchange runs on this stream");
        }
        return running;
    }

    /**
     * The head is acceptable. Where it declares a length of 0 and the stream goes on, it waits for the end: once it has gone
     * to HTTP/1, what came behind it would be taken for the next request.
     */
    void headComplete() {
        RequestHead head = exchange().request();
        isHeadRequest = head.method() == Method.HEAD;
        takesTrailers = head.takesTrailers();
        isConnect = head.isExtendedConnect();
        isHeadHeld = !request.isEndHere() && head.contentLength() == 0;
        if (isHeadHeld) {
            request.awaitEnd();
        } else {
            // What follows a CONNECT is for the tunnel, and waits for it.
            exchange().headComplete(!request.isEndHere() && !isConnect);
        }
    }

    /** Whether what the client sends of the request is of interest. */
    boolean wantsInput() {
        return exchange != null && !isInputRefused;
    }

    /** The client has ended its side. */
    void requestEnds() {
        if (!wantsInput()) {
            request.endUnwanted();
        } else if (isHeadHeld) {
            isHeadHeld = false;
            request.endUnwanted();
            exchange().headComplete(false);
        } else {
            request.end();
        }
    }

    /**
     * What the client sends is refused; what it still sends of it is of no interest.
     *
     * @param breaksProtocol whether the stream ends with an error in any case
     */
    void refuse(Reason reason, String detail, boolean breaksProtocol) {
        isMalformed |= breaksProtocol;
        isInputRefused = true;
        Exchange running = exchange;
        if (running != null) {
            running.downstreamRefused(reason, detail);
        } else {
            end(ErrorCode.PROTOCOL_ERROR);
        }
    }

    /** The stream is gone, or shall not be used any more; the client is told unless it is the client that said so. */
    void gone(Reason reason, @Nullable ErrorCode told) {
        Exchange running = exchange;
        exchange = null;
        int served = id;
        if (running != null) {
            running.downstreamGone(reason);
        }
        if (id == served) {
            end(told);
        }
    }

    /** The whole of the response has left. */
    void responseSent() {
        if (exchange == null) {
            // RFC 9113 section 8.1: who has answered may have the client stop sending.
            end(isMalformed ? ErrorCode.PROTOCOL_ERROR : request.isEndHere() ? null : ErrorCode.NO_ERROR);
        }
    }

    private void end(@Nullable ErrorCode told) {
        Http2Connection owner = connection();
        if (told != null) {
            owner.sender().reset(id, told);
        }
        int kept = request.drop();
        response.drop();
        int ended = id;
        boolean isAnswered = response.isEndSent();
        id = 0;
        connection = null;
        listener = null;
        context.http2().release(this);
        owner.streamEnded(ended, told != null, isAnswered, kept);
    }

    /** The client takes output again. */
    void sendable() {
        Exchange running = exchange;
        if (running != null) {
            running.downstreamSendable();
        }
    }

    void writeTimeout() {
        gone(Reason.WRITE_TIMEOUT, ErrorCode.CANCEL);
    }

    void bodyTimeout() {
        if (!wantsInput()) {
            return;
        }
        refuse(Reason.BODY_TIMEOUT, "the request body made no progress in time", false);
    }

    // ---- for the exchange ----

    @Override
    public ListenerRuntime listener() {
        ListenerRuntime holds = listener;
        if (holds == null) {
            throw new IllegalStateException("the stream is in the pool");
        }
        return holds;
    }

    @Override
    public PeerAddress peer() {
        return connection().peer();
    }

    @Override
    public InetSocketAddress localAddress() {
        return connection().localAddress();
    }

    @Override
    public boolean isSecure() {
        return connection().tls() != null;
    }

    @Override
    public @Nullable TlsFacts tls() {
        return connection().tls();
    }

    @Override
    public byte[] protocol() {
        return PROTOCOL;
    }

    @Override
    public void sendInformational(ResponseHead head) {
        sender().head(id, head, false);
        connection().watchOutput();
    }

    @Override
    public void sendHead(ResponseHead head, boolean isLast) {
        if (isConnect) {
            inWordsOfConnect(head);
        }
        context.alternative().tell(head, listener(), localAddress());
        sender().head(id, head, isLast);
        connection().watchOutput();
        if (isLast) {
            response.endedByHead();
            exchange = null;
            responseSent();
        } else if (head.bodyKind() == ResponseHead.BodyKind.LENGTH && head.contentLength() > 0 && !takesTrailers) {
            response.length(head.contentLength());
        }
    }

    // RFC 8441 section 5: a success opens the tunnel, so that nothing else may be one.
    private static void inWordsOfConnect(ResponseHead head) {
        if (head.status() == SWITCHING_PROTOCOLS) {
            head.status(OK);
            head.framing(-1, true);
            head.fields().remove(WebSocketKey.ACCEPT);
        } else if (head.status() >= OK && head.status() < OK + 100) {
            head.status(BAD_GATEWAY);
        }
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        if (!isHeadRequest) {
            response.send(bytes, offset, length);
            connection().watchOutput();
        }
    }

    @Override
    public void sendBody(byte[] bytes, int offset, int length) {
        if (!isHeadRequest) {
            response.send(bytes, offset, length);
            connection().watchOutput();
        }
    }

    @Override
    public void sendEnd(Fields trailers) {
        if (isTunnel) {
            response.end(trailers);
            return;
        }
        response.end(trailers);
        exchange = null;
        if (response.isEndSent()) {
            responseSent();
        }
    }

    @Override
    public boolean isSendable() {
        return response.isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        request.demand(wanted);
    }

    @Override
    public void closeAfterwards() {
        // Other streams have no part in this one's end, and what is left of this one's request is cut off anyway.
    }

    @Override
    public void becomeTunnel() {
        if (!isConnect) {
            throw new IllegalStateException("only a CONNECT becomes a tunnel");
        }
        isTunnel = true;
        request.becomeTunnel();
    }

    @Override
    public void tunnelEnded() {
        exchange = null;
        response.end(new Fields());
        if (response.isEndSent()) {
            responseSent();
        }
    }

    @Override
    public void reset() {
        exchange = null;
        end(isMalformed ? ErrorCode.PROTOCOL_ERROR : isTunnel ? ErrorCode.CANCEL : ErrorCode.INTERNAL_ERROR);
    }

    /** Ends it if it is a tunnel, and both its ends hear of it. */
    void endTunnel(Reason why) {
        Exchange running = exchange;
        if (isTunnel && running != null) {
            running.endTunnel(why);
        }
    }
}

package io.penstock.downstream;

import io.penstock.exchange.DownstreamStream;
import io.penstock.exchange.Exchange;
import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.Http2Fields;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.http2.PeerBudget;
import io.penstock.http3.FrameTypes;
import io.penstock.http3.Http3Error;
import io.penstock.http3.QpackEncoder;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.quic.QuicStream;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a client's HTTP/3 connection, RFC 9114 section 4: one exchange's half. What comes on it is the {@link Http3Input}'s
 * to read; QUIC keeps order, windows and turns, so that a response just goes to the stream's channel.
 */
@WorkerConfined
final class Http3Stream implements DownstreamStream, ChannelHandler, WriteTimer.Output {
    private static final byte[] PROTOCOL = "HTTP/3.0".getBytes(StandardCharsets.US_ASCII);

    // The list of its connection's streams.
    @Nullable
    Http3Stream previous;

    @Nullable
    Http3Stream next;

    private final Http3Connection connection;
    private final DownstreamContext context;
    private final ListenerRuntime listener;
    private final QuicStream channel;
    private final Http3Input input;
    private final WriteTimer timer;

    /** Null once the exchange has said all that it had to say. */
    private @Nullable Exchange exchange;

    private boolean isHeadRequest;
    private boolean isAnswered;
    private boolean isMalformed;
    private boolean isEnded;

    Http3Stream(Http3Connection connection, DownstreamContext context, ListenerRuntime listener, QuicStream channel) {
        this.connection = connection;
        this.context = context;
        this.listener = listener;
        this.channel = channel;
        this.input = new Http3Input(this, connection, context, channel);
        this.timer = new WriteTimer(this, context.wheel());
        exchange = context.exchanges().take(this);
    }

    // ---- from the channel ----

    @Override
    public void opened(Channel opened) {
        input.begin();
        opened.receive(true);
    }

    @Override
    public int received(Channel from, Received bytes) {
        return input.received(bytes);
    }

    @Override
    public void endOfInput(Channel from) {
        input.end();
    }

    @Override
    public void sendable(Channel from) {
        if (exchange != null) {
            timer.end();
            exchange.downstreamSendable();
        }
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        boolean isReset = exchange != null && cause == CloseCause.RESET;
        if (isReset) {
            context.counters().add(Counter.HTTP3_STREAMS_RESET);
        }
        dropExchange(Reason.CLIENT_CLOSED);
        end();
        if (isReset) {
            connection.spend(PeerBudget.RESET);
        }
    }

    private void end() {
        if (!isEnded) {
            isEnded = true;
            input.drop();
            timer.end();
            if (isAnswered) {
                connection.earn(PeerBudget.ANSWERED);
            }
            connection.ended(this, input.isEndHere());
        }
    }

    // ---- for the connection and the input ----

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

    /** The head is acceptable, and what may be known of the body is known. */
    void headComplete(boolean hasBody) {
        RequestHead head = exchange().request();
        isHeadRequest = head.method() == Method.HEAD;
        connection.headComplete();
        if (exchange != null) {
            exchange.headComplete(hasBody);
        }
    }

    /**
     * What the client sends is refused; what it still sends of it is of no interest.
     *
     * @param breaksProtocol whether it is told so
     */
    void refuse(Reason reason, String detail, boolean breaksProtocol) {
        isMalformed |= breaksProtocol;
        if (breaksProtocol) {
            context.counters().add(Counter.HTTP3_STREAM_ERRORS);
            if (!connection.spend(PeerBudget.STREAM_ERROR)) {
                return;
            }
        }
        if (exchange != null) {
            exchange.downstreamRefused(reason, detail);
        }
    }

    /** The stream ends because the client broke its rules, without an answer. */
    void fail(Http3Error why) {
        context.counters().add(Counter.HTTP3_STREAM_ERRORS);
        if (connection.spend(PeerBudget.STREAM_ERROR)) {
            dropExchange(Reason.HTTP3_ERROR);
            channel.reset(why.code());
        }
    }

    /** The stream shall not be used any more; the connection says why. */
    void gone(Reason reason) {
        dropExchange(reason);
        channel.abort();
        end();
    }

    private void dropExchange(Reason reason) {
        Exchange running = exchange;
        exchange = null;
        if (running != null && input.hasHead()) {
            running.downstreamGone(reason);
        } else if (running != null) {
            running.dismiss();
        }
    }

    // ---- for the exchange ----

    @Override
    public ListenerRuntime listener() {
        return listener;
    }

    @Override
    public PeerAddress peer() {
        return connection.peer();
    }

    @Override
    public InetSocketAddress localAddress() {
        return connection.localAddress();
    }

    @Override
    public boolean isSecure() {
        return true;
    }

    @Override
    public @Nullable TlsFacts tls() {
        return connection.tls();
    }

    @Override
    public byte[] protocol() {
        return PROTOCOL;
    }

    @Override
    public void sendInformational(ResponseHead head) {
        sendFields(head);
    }

    @Override
    public void sendHead(ResponseHead head, boolean isLast) {
        sendFields(head);
        if (isLast) {
            finish();
        }
    }

    private void sendFields(ResponseHead head) {
        ByteBuilder section = context.http3().section();
        QpackEncoder encoder = context.http3().encoder();
        encoder.begin(section);
        encoder.status(head.status());
        Http2Fields.response(head, context.date(), encoder);
        sendFrame(FrameTypes.HEADERS, section);
    }

    private void sendFrame(long type, ByteBuilder payload) {
        ByteBuilder out = context.output();
        FrameTypes.header(type, payload.length(), out);
        channel.send(out.array(), 0, out.length());
        channel.send(payload.array(), 0, payload.length());
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        if (!isHeadRequest && length > 0) {
            dataBegins(length);
            channel.send(bytes, offset, length);
            watchOutput();
        }
    }

    @Override
    public void sendBody(byte[] bytes, int offset, int length) {
        if (!isHeadRequest && length > 0) {
            dataBegins(length);
            channel.send(bytes, offset, length);
            watchOutput();
        }
    }

    private void dataBegins(int length) {
        ByteBuilder out = context.output();
        FrameTypes.header(FrameTypes.DATA, length, out);
        channel.send(out.array(), 0, out.length());
    }

    @Override
    public void sendEnd(Fields trailers) {
        if (Http2Fields.hasTrailers(trailers)) {
            ByteBuilder section = context.http3().section();
            QpackEncoder encoder = context.http3().encoder();
            encoder.begin(section);
            Http2Fields.trailers(trailers, encoder);
            sendFrame(FrameTypes.HEADERS, section);
        }
        finish();
    }

    // RFC 9114 section 4.1: who has answered may have the client stop sending. A reset would cost it the answer.
    private void finish() {
        exchange = null;
        isAnswered = true;
        watchAll();
        channel.finish();
        input.unwanted(isMalformed ? Http3Error.MESSAGE_ERROR : Http3Error.NO_ERROR);
    }

    private void watchOutput() {
        if (!channel.isSendable()) {
            watchAll();
        }
    }

    private void watchAll() {
        timer.begin(context.nowNs(), listener.writeProgressTimeoutNs());
    }

    @Override
    public int pendingBytes() {
        return channel.pendingBytes();
    }

    @Override
    public void writeTimeout() {
        if (channel.pendingBytes() > 0) {
            dropExchange(Reason.WRITE_TIMEOUT);
            channel.reset(Http3Error.REQUEST_CANCELLED.code());
        }
    }

    @Override
    public boolean isSendable() {
        boolean isSendable = channel.isSendable();
        if (!isSendable) {
            watchOutput();
        }
        return isSendable;
    }

    @Override
    public void demand(boolean wanted) {
        input.demand(wanted);
    }

    @Override
    public void closeAfterwards() {
        // Other streams have no part in this one's end.
    }

    @Override
    public void becomeTunnel() {
        throw new IllegalStateException("no upgrade is passed on for HTTP/3, so there is no tunnel");
    }

    @Override
    public void tunnelEnded() {
        throw new IllegalStateException("there is no tunnel");
    }

    @Override
    public void reset() {
        exchange = null;
        channel.reset((isMalformed ? Http3Error.MESSAGE_ERROR : Http3Error.INTERNAL_ERROR).code());
    }
}

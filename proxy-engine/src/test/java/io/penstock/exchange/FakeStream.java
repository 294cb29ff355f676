package io.penstock.exchange;

import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.Fields;
import io.penstock.http.HeadLimits;
import io.penstock.http.ParseState;
import io.penstock.http.RequestHeadParser;
import io.penstock.http.ResponseHead;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.FakeReceived;
import io.penstock.transport.Received;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** One stream of a multiplexed connection: many of them run at once, each with an exchange of its own. */
final class FakeStream implements DownstreamStream {
    private final ListenerRuntime listener;
    private final PeerAddress peer = new PeerAddress(new InetSocketAddress("192.0.2.9", 50000));
    private final StringBuilder body = new StringBuilder();
    private final Exchange exchange;
    int status;
    boolean isEnded;
    boolean isReset;
    boolean isSendable = true;
    boolean isDemanded;

    FakeStream(ExchangePool pool, ListenerRuntime listener) {
        this.listener = listener;
        this.exchange = pool.take(this);
    }

    int slot() {
        return exchange.slot();
    }

    /** The head has arrived. */
    void request(String head, boolean hasBody) {
        byte[] bytes = head.getBytes(StandardCharsets.ISO_8859_1);
        RequestHeadParser parser = new RequestHeadParser(HeadLimits.DEFAULT);
        parser.feed(new UnsafeBuffer(bytes), 0, bytes.length, exchange.request());
        if (parser.state() != ParseState.COMPLETE) {
            throw new AssertionError("not a head: " + parser.state());
        }
        exchange.headComplete(hasBody);
    }

    void deliver(String text) {
        FakeReceived bytes = new FakeReceived(text.getBytes(StandardCharsets.ISO_8859_1));
        exchange.requestBody(bytes, bytes.offset(), bytes.length());
    }

    void end() {
        exchange.requestEnd(new Fields());
    }

    void gone() {
        exchange.downstreamGone(Reason.CLIENT_CLOSED);
    }

    void takesMore() {
        isSendable = true;
        exchange.downstreamSendable();
    }

    String body() {
        return body.toString();
    }

    @Override
    public ListenerRuntime listener() {
        return listener;
    }

    @Override
    public PeerAddress peer() {
        return peer;
    }

    @Override
    public InetSocketAddress localAddress() {
        return new InetSocketAddress("192.0.2.1", 443);
    }

    @Override
    public boolean isSecure() {
        return true;
    }

    @Override
    public byte[] protocol() {
        return "HTTP/2".getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void sendInformational(ResponseHead head) {}

    @Override
    public void sendHead(ResponseHead head, boolean isLast) {
        status = head.status();
        isEnded |= isLast;
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        byte[] copy = new byte[length];
        bytes.buffer().getBytes(offset, copy);
        body.append(new String(copy, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void sendBody(byte[] bytes, int offset, int length) {
        body.append(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void sendEnd(Fields trailers) {
        isEnded = true;
    }

    @Override
    public boolean isSendable() {
        return isSendable;
    }

    @Override
    public void demand(boolean wanted) {
        isDemanded = wanted;
    }

    @Override
    public void closeAfterwards() {}

    @Override
    public void becomeTunnel() {}

    @Override
    public void tunnelEnded() {}

    @Override
    public void reset() {
        isReset = true;
    }
}

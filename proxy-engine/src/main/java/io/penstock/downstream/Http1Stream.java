package io.penstock.downstream;

import io.penstock.exchange.DownstreamStream;
import io.penstock.exchange.Exchange;
import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import io.penstock.transport.proxy.ProxiedChannel;
import io.penstock.transport.proxy.ProxyHeader;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The one stream that an HTTP/1 connection offers at a time: it knows the exchange that runs, and does what that asks of the
 * client's side. One object for all requests of a connection.
 */
@WorkerConfined
final class Http1Stream implements DownstreamStream {
    private final Http1Connection connection;
    private final DownstreamContext context;
    private final Channel channel;
    private final PeerAddress peer;
    private final ResponseEncoder encoder;

    /** Null in clear text. */
    private final @Nullable TlsFacts tls;

    /** Null between requests. */
    private @Nullable Exchange exchange;

    private boolean isTunnel;

    Http1Stream(Http1Connection connection, DownstreamContext context, Channel channel, @Nullable TlsFacts tls) {
        this.tls = tls;
        this.connection = connection;
        this.context = context;
        this.channel = channel;
        this.peer = new PeerAddress(channel.remoteAddress());
        this.encoder = new ResponseEncoder(context, channel);
    }

    // ---- for the connection ----

    /** The first byte of a head has come. */
    void begin() {
        exchange = context.exchanges().take(this);
    }

    void headComplete(RequestHead head) {
        encoder.begin(head);
    }

    /** What arrives is no request of HTTP/1. */
    void dismiss() {
        Exchange running = exchange();
        exchange = null;
        running.dismiss();
    }

    void headRefused() {
        encoder.beginUnparsed();
    }

    boolean hasExchange() {
        return exchange != null;
    }

    /** The exchange that runs. */
    Exchange exchange() {
        Exchange running = exchange;
        if (running == null) {
            throw new IllegalStateException("no exchange runs on this connection");
        }
        return running;
    }

    /** The client takes output again. @return whether an exchange heard of it */
    boolean sendable() {
        Exchange running = exchange;
        if (running != null) {
            running.downstreamSendable();
        }
        return running != null;
    }

    /** The client's side is gone, or shall not be used any more: the exchange, if one runs, is told and forgotten. */
    void gone(Reason reason) {
        Exchange running = exchange;
        exchange = null;
        if (running != null) {
            running.downstreamGone(reason);
        }
    }

    // ---- for the exchange ----

    @Override
    public ListenerRuntime listener() {
        return connection.listener();
    }

    @Override
    public PeerAddress peer() {
        return peer;
    }

    @Override
    public InetSocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public ProxyHeader proxyHeader() {
        return channel instanceof ProxiedChannel proxied ? proxied.header() : ProxyHeader.NOTHING;
    }

    @Override
    public boolean isSecure() {
        return tls != null
                || (channel instanceof ProxiedChannel proxied
                        && proxied.header().tls() != null);
    }

    @Override
    public @Nullable TlsFacts tls() {
        return tls;
    }

    @Override
    public byte[] protocol() {
        return encoder.protocol();
    }

    @Override
    public void sendInformational(ResponseHead head) {
        encoder.informational(head);
    }

    @Override
    public void sendHead(ResponseHead head, boolean isLast) {
        context.alternative().tell(head, listener(), channel.localAddress());
        if (encoder.head(head, isLast, connection.closesAfterwards())) {
            connection.closeAfterwards();
        }
        connection.watchOutput();
        if (isLast) {
            complete();
        }
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        encoder.body(bytes, offset, length);
        connection.watchOutput();
    }

    @Override
    public void sendBody(byte[] bytes, int offset, int length) {
        encoder.body(bytes, offset, length);
        connection.watchOutput();
    }

    @Override
    public void sendEnd(Fields trailers) {
        if (isTunnel) {
            channel.finish();
            return;
        }
        encoder.end(trailers);
        complete();
    }

    private void complete() {
        exchange = null;
        connection.responseComplete();
    }

    @Override
    public boolean isSendable() {
        return channel.isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        connection.demand(wanted);
    }

    @Override
    public void closeAfterwards() {
        connection.closeAfterwards();
    }

    @Override
    public void becomeTunnel() {
        isTunnel = true;
        encoder.becomeTunnel();
        connection.tunnelBegins();
    }

    @Override
    public void tunnelEnded() {
        exchange = null;
        connection.close();
    }

    @Override
    public void reset() {
        exchange = null;
        connection.abort();
    }
}

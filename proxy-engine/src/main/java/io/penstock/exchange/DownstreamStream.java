package io.penstock.exchange;

import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Received;
import io.penstock.transport.proxy.ProxyHeader;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The client's half of one exchange. An HTTP/1 connection offers one at a time, a multiplexed one many.
 *
 * <p>After {@link #sendEnd}, a {@link #sendHead} that is last, or {@link #reset()} the stream forgets its exchange and
 * must not be used by it any more.
 */
@WorkerConfined
public interface DownstreamStream {
    /** Where the request came in. */
    ListenerRuntime listener();

    /** The socket's far end: the client, or a proxy before us. */
    PeerAddress peer();

    /** The socket's near end, to which the client connected; the wildcard with port 0 for a unix socket. */
    InetSocketAddress localAddress();

    /** What a proxy before us has said of the client's connection. */
    default ProxyHeader proxyHeader() {
        return ProxyHeader.NOTHING;
    }

    /** Whether the request came by TLS. */
    boolean isSecure();

    /** What became of the connection's handshake; null in clear text. */
    default @Nullable TlsFacts tls() {
        return null;
    }

    /** The protocol's name for logs, such as {@code HTTP/1.1}; not to be written to. */
    byte[] protocol();

    /** Sends an informational head (100, 103); ignored where the client's version knows none. */
    void sendInformational(ResponseHead head);

    /**
     * Sends the response's head, serialised afresh. Framing is chosen from the head: {@code contentLength >= 0} is sent
     * as such, else the protocol's own way to end a body.
     *
     * @param isLast whether no body follows
     */
    void sendHead(ResponseHead head, boolean isLast);

    /** Sends a part of the body, without a copy where that is cheaper. */
    void sendBody(Received bytes, int offset, int length);

    /** Sends a part of the body, copying it. */
    void sendBody(byte[] bytes, int offset, int length);

    /** Ends the body; {@code trailers} may be empty and are sent only where the framing has room for them. */
    void sendEnd(Fields trailers);

    /** Whether the client takes more; {@link Exchange#downstreamSendable} follows a no. */
    boolean isSendable();

    /** Whether request body is wanted; while not, the client meets back-pressure. New streams want none. */
    void demand(boolean wanted);

    /** Whether the connection shall end after this response; called before {@link #sendHead}. */
    void closeAfterwards();

    /** From now on both directions are opaque; {@link #sendEnd} half-closes. Called after the head of a 101 or 2xx. */
    void becomeTunnel();

    /** Both directions of a tunnel have ended: the stream closes in order and forgets its exchange. */
    void tunnelEnded();

    /** Breaks the stream so that the client cannot take what it got for the whole. */
    void reset();
}

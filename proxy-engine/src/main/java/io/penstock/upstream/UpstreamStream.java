package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import org.agrona.DirectBuffer;

/**
 * One exchange's half on a connection to an endpoint: what the exchange may do with it.
 * Ends with {@link UpstreamStreamHandler#responseEnd}, {@link UpstreamStreamHandler#streamFailed} or {@link #reset()};
 * after any of them it must not be used.
 */
@WorkerConfined
public interface UpstreamStream {
    /** The endpoint it leads to. */
    Endpoint endpoint();

    /** Whether the connection had served an earlier exchange, so that the peer may have closed it meanwhile. */
    boolean isReused();

    /**
     * Sends the request head, serialised afresh. Framing is chosen from the head: {@code contentLength >= 0} is sent as such,
     * else chunked where {@code isChunked}, else none.
     *
     * @param isLast whether no body follows
     */
    void sendHead(RequestHead head, boolean isLast);

    /** Sends a part of the body. */
    void sendBody(Received bytes, int offset, int length);

    /** Sends a part of the body, copying it. */
    void sendBody(DirectBuffer bytes, int offset, int length);

    /** Ends the body; {@code trailers} may be empty and are sent only where the framing has room for them. */
    void sendEnd(Fields trailers);

    /** Whether the connection takes more before its high-water mark; {@link UpstreamStreamHandler#streamSendable} follows a no. */
    boolean isSendable();

    /** Whether response body is wanted; while not, the endpoint meets back-pressure. */
    void demand(boolean wanted);

    /** After a 101 the bytes of both directions are opaque: body calls carry them, {@link #sendEnd} half-closes. */
    void becomeTunnel();

    /** The bytes of both directions are opaque from the first on: in place of a head, for {@link OpenRequest#asTunnel}. */
    default void beginTunnel() {
        throw new IllegalStateException("the stream was not asked for as a tunnel");
    }

    /** Ends a tunnel, both directions of it: what was sent leaves, and nothing more is heard from it. */
    default void closeTunnel() {
        reset();
    }

    /**
     * Gives the stream up once its answer has begun; nothing more is heard from it. What is left of a short answer is read
     * and dropped, so that the connection can be kept.
     */
    void discard();

    /** Gives the stream up because its endpoint takes too long, which counts as its failure; nothing more is heard from it. */
    void expire();

    /** Gives the stream up; nothing more is heard from it. The connection is closed where the protocol cannot go on. */
    void reset();
}

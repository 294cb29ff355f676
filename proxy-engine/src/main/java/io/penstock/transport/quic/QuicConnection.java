package io.penstock.transport.quic;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.ChannelHandler;
import java.net.InetSocketAddress;

/** One connection (RFC 9000), owned by one loop; every method is called on it. */
@WorkerConfined
public interface QuicConnection {
    /** The peer's address: that of its first packet, or what it moved to since and has shown to be its own. */
    InetSocketAddress remoteAddress();

    /** Our own address. */
    InetSocketAddress localAddress();

    /**
     * Begins a stream on which only we send.
     *
     * @param handler hears {@code opened} in a later turn, or {@code closed}
     */
    void openStream(ChannelHandler handler);

    /** Ends it with a word to the peer, and all streams with it; what was not sent is dropped. Only the first call counts. */
    void close(long code, String reason);

    /** False as soon as either side has closed it. */
    boolean isOpen();
}

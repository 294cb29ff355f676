package io.penstock.transport.quic;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.tls.TlsFacts;

/** What a connection tells its owner; never inside another call, and nothing after {@link #closed}. */
@WorkerConfined
public interface QuicHandler {
    /** The handshake is done. */
    void opened(QuicConnection connection, TlsFacts facts);

    /**
     * The peer has begun a stream.
     *
     * @return who serves it
     */
    ChannelHandler stream(QuicStream stream);

    /** The peer has another address than before, and has shown that it is its own. */
    void moved(QuicConnection connection);

    /**
     * It is gone.
     *
     * @param cause why, as far as is known
     */
    void closed(QuicEnd cause);
}

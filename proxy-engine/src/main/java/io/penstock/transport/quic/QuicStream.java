package io.penstock.transport.quic;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;

/** A stream of a connection, RFC 9000 section 2. Its channel's addresses are the connection's; {@link #finish()} ends our side. */
@WorkerConfined
public interface QuicStream extends Channel {
    /** As it stands in frames; the lowest bit says that we began it, the next that it goes one way only. */
    long id();

    /** Whether both sides send on it. */
    default boolean isBidirectional() {
        return (id() & 2) == 0;
    }

    /** Breaks it both ways, and says why: {@link #abort()} says nothing that means anything. */
    void reset(long code);

    /** Has the peer stop sending, and says why; the channel closes when our side has ended. What comes is dropped. */
    void stopReceiving(long code);
}

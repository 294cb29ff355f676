package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.ChannelHandler;

/** A connection that came by a socket of its own. */
@WorkerConfined
abstract class SocketConnection extends ClientConnection implements ChannelHandler {
    /** What handles the events of the socket that it came by. */
    ChannelHandler ofSocket() {
        return this;
    }
}

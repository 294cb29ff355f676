package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.io.IOException;

/** The receiving half of a {@link SocketChannel}. */
@WorkerConfined
abstract class SocketInput extends ChannelInput {
    SocketInput(SocketChannel owner) {
        super(owner);
    }

    /** An event of the descriptor, with epoll's bits. */
    abstract void ready(int events) throws IOException;
}

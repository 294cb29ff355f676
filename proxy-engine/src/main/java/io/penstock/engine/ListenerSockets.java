package io.penstock.engine;

import io.penstock.transport.BoundSocket;
import java.util.List;

/**
 * What an open listener accepts from, to be handed to another process.
 *
 * @param listener its name
 * @param address where it listens, as its configuration says
 * @param sockets one for each worker that accepts
 */
public record ListenerSockets(String listener, String address, List<BoundSocket> sockets) {
    public ListenerSockets {
        sockets = List.copyOf(sockets);
    }
}

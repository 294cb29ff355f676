package io.penstock.engine;

import io.penstock.transport.HandedSocket;
import java.util.List;

/**
 * What an open listener accepts from or reads packets from, to be handed to another process.
 *
 * @param listener its name; that of {@link io.penstock.transport.PacketWay} for ways to connections that stay
 * @param address where it listens, as its configuration says; packets by
 *     {@link io.penstock.transport.InheritedSockets#datagrams}
 * @param sockets one for each worker that accepts or reads
 */
public record ListenerSockets(String listener, String address, List<? extends HandedSocket> sockets) {
    public ListenerSockets {
        sockets = List.copyOf(sockets);
    }
}

package io.penstock.engine;

import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.BoundSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The listeners that are open, with the addresses really bound. Control thread. */
final class OpenListeners {
    private final List<Open> open = new ArrayList<>();

    private record Open(int id, String name, InetSocketAddress address) {}

    /** Takes over what a published config opens and closes. */
    void published(Prepared prepared) {
        for (int closed : prepared.draft.closed()) {
            open.removeIf(listener -> listener.id() == closed);
        }
        for (ListenerRuntime listener : prepared.sockets.listeners()) {
            prepared.sockets
                    .socketOf(listener, 0)
                    .map(BoundSocket::localAddress)
                    .ifPresent(address -> open.add(new Open(listener.id(), listener.name(), address)));
        }
    }

    /** Each of them, as operators see it. */
    List<EngineStatus.ListenerStatus> status() {
        return open.stream()
                .map(listener -> new EngineStatus.ListenerStatus(listener.name(), listener.address()))
                .toList();
    }
}

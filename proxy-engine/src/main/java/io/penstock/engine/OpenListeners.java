package io.penstock.engine;

import io.penstock.config.ListenAddress;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.BoundSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The listeners that are open, with the addresses really bound. Control thread. */
final class OpenListeners {
    private final List<Open> open = new ArrayList<>();

    private record Open(int id, String name, SocketAddress address, ListenerSockets sockets) {}

    /** Takes over what a published config opens and closes. */
    void published(Prepared prepared) {
        for (int closed : prepared.draft.closed()) {
            open.removeIf(listener -> listener.id() == closed);
        }
        for (ListenerRuntime listener : prepared.sockets.listeners()) {
            List<BoundSocket> sockets = prepared.sockets.socketsOf(listener);
            open.add(new Open(
                    listener.id(),
                    listener.name(),
                    address(listener, sockets.getFirst()),
                    new ListenerSockets(
                            listener.name(), listener.config().address().toString(), sockets)));
        }
    }

    private static SocketAddress address(ListenerRuntime listener, BoundSocket socket) {
        return listener.config().address() instanceof ListenAddress.Unix unix
                ? UnixDomainSocketAddress.of(unix.path())
                : socket.localAddress();
    }

    /** What each of them accepts from. */
    List<ListenerSockets> sockets() {
        return open.stream().map(Open::sockets).toList();
    }

    /** Each of them, as operators see it. */
    List<EngineStatus.ListenerStatus> status() {
        return open.stream()
                .map(listener -> new EngineStatus.ListenerStatus(listener.name(), listener.address()))
                .toList();
    }
}

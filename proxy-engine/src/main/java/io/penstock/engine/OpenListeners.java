package io.penstock.engine;

import io.penstock.config.ListenAddress;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.DatagramSocket;
import io.penstock.transport.InheritedSockets;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The listeners that are open, with the addresses really bound. Control thread. */
final class OpenListeners {
    private final List<Open> open = new ArrayList<>();

    private record Open(
            int id, String name, SocketAddress address, ListenerSockets sockets, List<DatagramSocket> datagrams) {}

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
                            listener.name(), listener.config().address().toString(), sockets),
                    prepared.sockets.datagramsOf(listener)));
        }
    }

    private static SocketAddress address(ListenerRuntime listener, BoundSocket socket) {
        return listener.config().address() instanceof ListenAddress.Unix unix
                ? UnixDomainSocketAddress.of(unix.path())
                : socket.localAddress();
    }

    /** What each of them accepts and reads packets from. */
    List<ListenerSockets> sockets() {
        List<ListenerSockets> all = new ArrayList<>();
        for (Open listener : open) {
            all.add(listener.sockets());
            List<DatagramSocket> datagrams =
                    listener.datagrams().stream().filter(DatagramSocket::isOpen).toList();
            if (!datagrams.isEmpty()) {
                all.add(new ListenerSockets(
                        listener.name(),
                        InheritedSockets.datagrams(listener.sockets().address()),
                        datagrams));
            }
        }
        return all;
    }

    /** Each of them, as operators see it. */
    List<EngineStatus.ListenerStatus> status() {
        return open.stream()
                .map(listener -> new EngineStatus.ListenerStatus(listener.name(), listener.address()))
                .toList();
    }
}

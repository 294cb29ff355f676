package io.penstock.engine;

import io.penstock.config.AcceptMode;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ListenAddress;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.BindRefused;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.DatagramSocket;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The sockets of the listeners that a prepared config opens: bound, not listening yet. */
final class PreparedSockets {
    private static final int BACKLOG = 4096;

    private final int workers;
    private final Map<ListenerRuntime, List<BoundSocket>> sockets = new LinkedHashMap<>();
    private final Map<ListenerRuntime, List<DatagramSocket>> datagrams = new HashMap<>();

    /** None yet, of an engine with so many workers. */
    PreparedSockets(int workers) {
        this.workers = workers;
    }

    /**
     * Binds one listener's address for all workers, or takes what another process had bound to it.
     *
     * @return what stands against it, empty if it is bound
     */
    Optional<ConfigProblem> bind(Transport transport, ListenerRuntime listener, InheritedSockets inherited) {
        try {
            SocketAddress address = address(listener.config().address());
            int wanted = isBalanced(listener) ? 1 : workers;
            List<Integer> taken =
                    inherited.claim(listener.name(), listener.config().address().toString());
            sockets.put(
                    listener,
                    taken.isEmpty()
                            ? transport.bind(address, wanted, BACKLOG)
                            : transport.adopt(address, taken, wanted, BACKLOG));
            if (listener.config().http3()) {
                // The port is the one that the kernel chose, where it did.
                InetSocketAddress bound = socketsOf(listener).getFirst().localAddress();
                List<Integer> packets = inherited.claimDatagrams(
                        listener.name(), listener.config().address().toString());
                datagrams.put(
                        listener,
                        packets.isEmpty()
                                ? transport.bindDatagrams(bound, workers, !taken.isEmpty())
                                : transport.adoptDatagrams(bound, packets, workers));
            }
            return Optional.empty();
        } catch (BindRefused | UnknownHostException refused) {
            return Optional.of(new ConfigProblem(
                    ResourceRef.of(ResourceType.LISTENERS, listener.name()),
                    "/address",
                    "address-refused",
                    String.valueOf(refused.getMessage()),
                    Optional.of("choose an address of this machine that nobody serves, or stop who serves it")));
        }
    }

    private static SocketAddress address(ListenAddress address) throws UnknownHostException {
        return switch (address) {
            case ListenAddress.Unix unix -> UnixDomainSocketAddress.of(unix.path());
            case ListenAddress.Tcp tcp ->
                new InetSocketAddress(InetAddress.getByName(tcp.address().toString()), tcp.port());
        };
    }

    List<ListenerRuntime> listeners() {
        return new ArrayList<>(sockets.keySet());
    }

    /** The sockets that a worker accepts from; none where another worker accepts for it. */
    List<BoundSocket> socketsOf(ListenerRuntime listener, int worker) {
        return shareOf(worker, socketsOf(listener));
    }

    // A process with more workers may have left more of them, each with something in its backlog.
    private <T> List<T> shareOf(int worker, List<T> bound) {
        return IntStream.range(0, bound.size())
                .filter(index -> index % workers == worker)
                .mapToObj(bound::get)
                .toList();
    }

    /** All sockets of a listener. */
    List<BoundSocket> socketsOf(ListenerRuntime listener) {
        return sockets.getOrDefault(listener, List.of());
    }

    /** Where a worker answers to QUIC; none where the listener does not. */
    List<DatagramSocket> datagramsOf(ListenerRuntime listener, int worker) {
        return shareOf(worker, datagramsOf(listener));
    }

    /** All UDP sockets of a listener. */
    List<DatagramSocket> datagramsOf(ListenerRuntime listener) {
        return datagrams.getOrDefault(listener, List.of());
    }

    /** Whether one worker accepts for all. */
    static boolean isBalanced(ListenerRuntime listener) {
        // A unix address can have one socket only, so its connections are always handed out.
        return listener.config().accept() == AcceptMode.BALANCED
                || listener.config().address() instanceof ListenAddress.Unix;
    }

    void close() {
        sockets.values().forEach(bound -> bound.forEach(BoundSocket::close));
        datagrams.values().forEach(bound -> bound.forEach(DatagramSocket::close));
    }
}

package io.penstock.engine;

import io.penstock.config.AcceptMode;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ListenAddress;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.BindRefused;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sockets of the listeners that a prepared config opens: bound, not listening yet. */
final class PreparedSockets {
    private static final int BACKLOG = 4096;

    private final Map<ListenerRuntime, List<BoundSocket>> sockets = new LinkedHashMap<>();

    /** Binds one listener's address for all workers. @return what stands against it, empty if it is bound */
    Optional<ConfigProblem> bind(Transport transport, ListenerRuntime listener, int workers) {
        try {
            SocketAddress address = address(listener.config().address());
            sockets.put(listener, transport.bind(address, isBalanced(listener) ? 1 : workers, BACKLOG));
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

    /** The socket that a worker accepts from; empty where another worker accepts for it. */
    Optional<BoundSocket> socketOf(ListenerRuntime listener, int worker) {
        List<BoundSocket> bound = sockets.getOrDefault(listener, List.of());
        return worker < bound.size() ? Optional.of(bound.get(worker)) : Optional.empty();
    }

    /** Whether one worker accepts for all. */
    static boolean isBalanced(ListenerRuntime listener) {
        // A unix address can have one socket only, so its connections are always handed out.
        return listener.config().accept() == AcceptMode.BALANCED
                || listener.config().address() instanceof ListenAddress.Unix;
    }

    void close() {
        sockets.values().forEach(bound -> bound.forEach(BoundSocket::close));
    }
}

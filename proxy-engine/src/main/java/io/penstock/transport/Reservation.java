package io.penstock.transport;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * An address that this process holds, for the server sockets that listen on it or will.
 *
 * <p>Neither Java nor Netty can bind a server socket without listening on it at once. So the address is held by a socket that never
 * listens, bound with SO_REUSEPORT, and the server sockets join it there when they begin to listen; from then on nothing about
 * binding can fail. A unix address is held by its file, which the listening socket replaces.
 *
 * <p>Counted: closed with the last of its sockets. Control threads and loops use it, hence the lock; never on a request's path.
 */
final class Reservation {
    private static final InetSocketAddress UNNAMED = new InetSocketAddress(0);

    /** Appended to a unix socket's path while it does not listen yet. */
    private static final String UNFINISHED = "~";

    private final HeldAddresses held;
    private final SocketAddress address;
    // Null where the sockets themselves hold the address already.
    private final @Nullable SocketChannel holder;
    private int references;
    private @Nullable Object fileKey;

    private Reservation(HeldAddresses held, SocketAddress address, @Nullable SocketChannel holder, int references)
            throws IOException {
        this.held = held;
        this.address = address;
        this.holder = holder;
        this.references = references;
        if (address instanceof UnixDomainSocketAddress unix) {
            fileKey = fileKeyOf(unix.getPath());
        }
        held.add(address);
    }

    /** Holds an address for a number of sockets. */
    static Reservation of(SocketAddress wanted, int sockets, HeldAddresses held) throws BindRefused {
        try {
            if (wanted instanceof UnixDomainSocketAddress unix) {
                return ofUnix(unix, sockets, held);
            }
            if (!(wanted instanceof InetSocketAddress inet) || inet.isUnresolved()) {
                throw new BindRefused(wanted + " is not an IP address with a port, nor a unix socket");
            }
            // What this process serves itself may be joined: a listener that takes another's place does.
            if (inet.getPort() != 0 && !held.contains(inet)) {
                bind(inet, false).close();
            }
            SocketChannel holder = bind(inet, true);
            try {
                return new Reservation(held, holder.getLocalAddress(), holder, sockets);
            } catch (IOException e) {
                holder.close();
                throw e;
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw refused(wanted, e);
        }
    }

    /** For sockets that another process has handed over, listening. */
    static Reservation inherited(SocketAddress address, int sockets, HeldAddresses held) throws BindRefused {
        try {
            return new Reservation(held, address, null, sockets);
        } catch (IOException e) {
            throw refused(address, e);
        }
    }

    private static Reservation ofUnix(UnixDomainSocketAddress wanted, int sockets, HeldAddresses held)
            throws BindRefused, IOException {
        Path path = wanted.getPath();
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw new BindRefused("unix:" + path + " is a file, but not a socket; choose another path");
            }
            if (!held.contains(wanted) && isServed(wanted)) {
                throw new BindRefused("unix:" + path
                        + " is in use: another process serves it; stop that one, or choose another path");
            }
            Files.delete(path);
        }
        SocketChannel holder = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            holder.bind(wanted);
            return new Reservation(held, wanted, holder, sockets);
        } catch (IOException e) {
            holder.close();
            throw e;
        }
    }

    private static boolean isServed(UnixDomainSocketAddress address) {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(address);
        } catch (IOException e) {
            return false;
        }
    }

    private static SocketChannel bind(InetSocketAddress address, boolean isShared) throws IOException {
        SocketChannel socket = SocketChannel.open();
        try {
            // Without the first, connections that ended a minute ago would still hold the port; one that listens always
            // does.
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            socket.setOption(StandardSocketOptions.SO_REUSEPORT, isShared);
            return socket.bind(address);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static BindRefused refused(SocketAddress wanted, Exception e) {
        String text = String.valueOf(e.getMessage());
        String name = nameOf(wanted);
        if (text.contains("in use")) {
            return new BindRefused(
                    name + " is in use: another process serves it; stop that one, or choose another port", e);
        }
        if (text.contains("Cannot assign")) {
            return new BindRefused(
                    name + " is not an address of this machine; use one that \"ip address\" shows, or 0.0.0.0 for all",
                    e);
        }
        if (text.contains("Permission denied")) {
            return new BindRefused(
                    name + " may not be bound by this user; use a port from 1024 on, or grant CAP_NET_BIND_SERVICE", e);
        }
        return new BindRefused(name + " cannot be bound: " + text, e);
    }

    private static String nameOf(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        return address instanceof UnixDomainSocketAddress unix ? "unix:" + unix.getPath() : address.toString();
    }

    boolean isUnix() {
        return address instanceof UnixDomainSocketAddress;
    }

    InetSocketAddress localAddress() {
        return address instanceof InetSocketAddress inet ? inet : UNNAMED;
    }

    /** Where a server socket shall bind; {@link #listening} follows. */
    SocketAddress bindAddress() {
        return address instanceof UnixDomainSocketAddress unix
                ? new DomainSocketAddress(unix.getPath() + UNFINISHED)
                : address;
    }

    /** A server socket listens on {@link #bindAddress}. */
    synchronized void listening() {
        if (address instanceof UnixDomainSocketAddress unix) {
            try {
                // Atomic, so that a client finds a socket there at every moment.
                Files.move(
                        Path.of(unix.getPath() + UNFINISHED),
                        unix.getPath(),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                fileKey = fileKeyOf(unix.getPath());
            } catch (IOException e) {
                throw new UncheckedIOException("unix socket " + unix.getPath() + " could not be put in place", e);
            }
        }
    }

    /** One of its sockets is closed. */
    synchronized void release() {
        if (--references == 0) {
            held.remove(address);
            try {
                SocketChannel holding = holder;
                if (holding != null) {
                    holding.close();
                }
                // Only its own file: a later listener may have put another one there, or a later process listens on
                // this one.
                if (address instanceof UnixDomainSocketAddress unix
                        && !held.areHandedOver()
                        && isOwnFile(unix.getPath())) {
                    Files.delete(unix.getPath());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(this + " could not be given up", e);
            }
        }
    }

    private boolean isOwnFile(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && fileKeyOf(path).equals(fileKey);
    }

    private static Object fileKeyOf(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        return key == null ? path : key;
    }

    @Override
    public String toString() {
        return nameOf(address);
    }
}

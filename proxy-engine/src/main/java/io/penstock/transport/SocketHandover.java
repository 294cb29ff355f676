package io.penstock.transport;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands sockets from one process to another of the same user, over a unix socket (SCM_RIGHTS, unix(7)): both then hold the
 * same socket with the same backlog, so that no connection is lost whoever closes it first.
 *
 * <p>The taker listens, with mode 0600 and for one peer; the giver connects. Each descriptor comes with one octet, in an order
 * that both have agreed on elsewhere. Waits; not for a worker.
 */
public final class SocketHandover implements AutoCloseable {
    /** As for listeners; the longest path that fits into a sockaddr_un with its final zero. */
    public static final int PATH_BYTES_MAX = 107;

    private static final int ADDRESS_BYTES = 128;
    private static final long PAUSE_NS = 1_000_000;

    private final Path path;
    private final Socket door;

    private SocketHandover(Path path, Socket door) {
        this.path = path;
        this.door = door;
    }

    /** Whether this process can give and take descriptors at all. */
    public static boolean isAvailable() {
        return Epoll.isAvailable();
    }

    /**
     * Opens the taker's end.
     *
     * @throws IOException if the path cannot be listened on
     */
    public static SocketHandover open(Path path) throws IOException {
        if (!isAvailable()) {
            throw new IOException("this machine has no native sockets to hand over: " + Epoll.unavailabilityCause());
        }
        Files.deleteIfExists(path);
        Socket door = Socket.newSocketDomain();
        try {
            door.bind(new DomainSocketAddress(path.toFile()));
            // Nobody can connect before it listens.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            door.listen(1);
            return new SocketHandover(path, door);
        } catch (IOException | RuntimeException failed) {
            door.close();
            throw failed;
        }
    }

    /**
     * Takes so many descriptors from a process of this user.
     *
     * @throws IOException if fewer came in time, or somebody else has connected; what came is closed
     */
    public List<Integer> take(int count, Duration atMost) throws IOException {
        long untilNs = System.nanoTime() + atMost.toNanos();
        List<Integer> taken = new ArrayList<>();
        boolean isWhole = false;
        EpollDomainSocketChannel peer = accept(untilNs);
        try {
            requireOwnUser(peer.peerCredentials());
            while (taken.size() < count) {
                int descriptor = socket(peer).recvFd();
                if (descriptor > 0) {
                    taken.add(descriptor);
                } else if (descriptor < 0) {
                    throw new IOException("the other process gave " + taken.size() + " of " + count + " sockets");
                } else {
                    pause(untilNs);
                }
            }
            isWhole = true;
            return taken;
        } finally {
            peer.unsafe().closeForcibly();
            if (!isWhole) {
                for (int descriptor : taken) {
                    new io.netty.channel.unix.FileDescriptor(descriptor).close();
                }
            }
        }
    }

    private EpollDomainSocketChannel accept(long untilNs) throws IOException {
        byte[] address = new byte[ADDRESS_BYTES];
        while (true) {
            int accepted = door.accept(address);
            if (accepted >= 0) {
                return new EpollDomainSocketChannel(accepted);
            }
            pause(untilNs);
        }
    }

    private static void requireOwnUser(PeerCredentials peer) throws IOException {
        Object own = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (!own.equals(peer.uid())) {
            throw new IOException("a process of user " + peer.uid() + " offered sockets; wanted one of user " + own);
        }
    }

    /**
     * Gives sockets to the process that listens at this path. They stay this process's too.
     *
     * @throws IllegalStateException if one has no descriptor
     */
    public static void give(Path path, List<? extends HandedSocket> sockets, Duration atMost) throws IOException {
        long untilNs = System.nanoTime() + atMost.toNanos();
        Socket taker = Socket.newSocketDomain();
        try {
            taker.connect(new DomainSocketAddress(path.toFile()));
            for (HandedSocket socket : sockets) {
                int descriptor = socket.descriptor();
                while (taker.sendFd(descriptor) < 0) {
                    pause(untilNs);
                }
            }
        } finally {
            taker.close();
        }
    }

    private static Socket socket(UnixChannel channel) {
        return (Socket) channel.fd();
    }

    // Netty's sockets never block, and the whole of it takes milliseconds.
    private static void pause(long untilNs) throws IOException {
        if (System.nanoTime() - untilNs > 0) {
            throw new IOException("sockets were not handed over in time");
        }
        if (Thread.interrupted()) {
            throw new IOException("interrupted while sockets were handed over");
        }
        LockSupport.parkNanos(PAUSE_NS);
    }

    /** Gives the path up. */
    @Override
    public void close() throws IOException {
        door.close();
        Files.deleteIfExists(path);
    }
}

package io.penstock.appliance.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway's end of the control socket, {@code control} in the data folder, mode 0600: only processes of the gateway's own user
 * and of root are heard, as the kernel names them. A thread of its own accepts; each conversation has one more.
 */
public final class ControlSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);

    /** Conversations at once. */
    private static final int LINKS_MAX = 8;

    private static final Duration FIRST_WORDS_MAX = Duration.ofSeconds(5);
    private static final String ROOT = "root";

    private final Path path;
    private final ServerSocketChannel door;
    private final UserPrincipal owner;
    private final Conversation conversation;
    private final Semaphore links = new Semaphore(LINKS_MAX);
    private boolean isLeft;

    /** What a gateway does with those who speak to it. */
    public interface Conversation {
        /** Holds a conversation to its end; the link is closed afterwards. */
        void hold(List<String> request, ControlLink link) throws IOException;
    }

    private ControlSocket(Path path, ServerSocketChannel door, UserPrincipal owner, Conversation conversation) {
        this.path = path;
        this.door = door;
        this.owner = owner;
        this.conversation = conversation;
    }

    /**
     * Listens, in the place of whoever listened there before.
     *
     * @throws IOException if the folder cannot hold a socket, for example as its path is too long
     */
    public static ControlSocket open(Path dataFolder, Conversation conversation) throws IOException {
        Path path = dataFolder.resolve(ControlLink.FILE);
        Path draft = dataFolder.resolve(ControlLink.FILE + ".new");
        Files.deleteIfExists(draft);
        ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            door.bind(UnixDomainSocketAddress.of(draft), LINKS_MAX);
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
            UserPrincipal owner = Files.getOwner(draft);
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            ControlSocket socket = new ControlSocket(path, door, owner, conversation);
            Thread.ofPlatform().name("penstock-control-socket").daemon().start(socket::accept);
            return socket;
        } catch (IOException | RuntimeException failed) {
            door.close();
            throw failed;
        }
    }

    private void accept() {
        while (door.isOpen()) {
            try {
                SocketChannel peer = door.accept();
                if (!links.tryAcquire()) {
                    peer.close();
                    continue;
                }
                Thread.ofPlatform().name("penstock-control-link").daemon().start(() -> {
                    try (peer) {
                        hear(peer);
                    } catch (IOException | RuntimeException broken) {
                        LOG.warn("a conversation over {} broke off: {}", path, broken.toString());
                    } finally {
                        links.release();
                    }
                });
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException failed) {
                LOG.warn("{} does not accept: {}", path, failed.toString());
                return;
            }
        }
    }

    private void hear(SocketChannel peer) throws IOException {
        UserPrincipal user = peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        try (ControlLink link = new ControlLink(peer)) {
            if (!user.equals(owner) && !user.getName().equals(ROOT)) {
                link.send("refused", "user " + user.getName() + " may not control the gateway of " + owner.getName());
                return;
            }
            List<String> request = link.receive(FIRST_WORDS_MAX);
            if (request.size() < 2 || !request.getFirst().equals(ControlLink.PROTOCOL)) {
                link.send("refused", "this gateway speaks " + ControlLink.PROTOCOL + ", not what it heard");
                return;
            }
            conversation.hold(request.subList(1, request.size()), link);
        }
    }

    /** Another process listens at this path now: closing this end leaves the file. */
    public synchronized void leave() {
        isLeft = true;
    }

    @Override
    public synchronized void close() throws IOException {
        door.close();
        if (!isLeft) {
            Files.deleteIfExists(path);
        }
    }
}

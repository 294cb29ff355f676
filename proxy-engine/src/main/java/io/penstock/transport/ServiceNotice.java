package io.penstock.transport;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a service manager how the process stands, by the protocol of sd_notify(3): datagrams to the socket that it names. */
public final class ServiceNotice {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceNotice.class);
    private static final String VARIABLE = "NOTIFY_SOCKET";
    private static final int TRIES_MAX = 100;
    private static final long TRY_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Optional<String> address;

    private ServiceNotice(Optional<String> address) {
        this.address = address;
    }

    /** To the manager that the environment names; to nobody where it names none. */
    public static ServiceNotice of(java.util.Map<String, String> environment) {
        return new ServiceNotice(Optional.ofNullable(environment.get(VARIABLE))
                .filter(name -> name.startsWith("/") || name.startsWith("@")));
    }

    /** Whether a manager listens at all. */
    public boolean isHeard() {
        return address.isPresent() && Epoll.isAvailable();
    }

    /** Sends lines like {@code READY=1}; blocks for two seconds at most. What cannot be sent is logged: a manager that hears nothing acts by its own timeouts. */
    public void send(String... lines) {
        if (!isHeard()) {
            return;
        }
        // An abstract address begins with a zero in place of the sign.
        byte[] to = address.orElseThrow().replaceFirst("^@", "\0").getBytes(StandardCharsets.UTF_8);
        byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocateDirect(text.length);
        bytes.put(text);
        Socket socket = Socket.newSocketDomainDgram();
        try {
            send(socket, bytes, text.length, to, lines);
        } catch (IOException failed) {
            LOG.warn("the service manager at {} was not told {}: {}", address.orElseThrow(), lines, failed.toString());
        } finally {
            close(socket);
        }
    }

    // A manager that is busy has room for ten datagrams by the kernel's default, and a lost READY=1 has it kill a sound
    // process: so its room is waited for, for a bounded time.
    private void send(Socket socket, ByteBuffer bytes, int length, byte[] to, String... lines) throws IOException {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            if (socket.sendToDomainSocket(bytes, 0, length, to) > 0) {
                return;
            }
            LockSupport.parkNanos(TRY_AGAIN_NS);
        }
        LOG.warn("the service manager at {} had no room to be told {}", address.orElseThrow(), lines);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            LOG.debug("a socket could not be closed", failed);
        }
    }
}

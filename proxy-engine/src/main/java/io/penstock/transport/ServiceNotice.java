package io.penstock.transport;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a service manager how the process stands, by the protocol of sd_notify(3): datagrams to the socket that it names. */
public final class ServiceNotice {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceNotice.class);
    private static final String VARIABLE = "NOTIFY_SOCKET";

    private final Optional<String> address;

    private ServiceNotice(Optional<String> address) {
        this.address = address;
    }

    /** To the manager that the environment names; to nobody where it names none. */
    public static ServiceNotice of(java.util.Map<String, String> environment) {
        return new ServiceNotice(Optional.ofNullable(environment.get(VARIABLE))
                .filter(name -> name.startsWith("/") || name.startsWith("@")));
    }

    /** Sends lines like {@code READY=1}. What cannot be sent is logged: a manager that hears nothing acts by its own timeouts. */
    public void send(String... lines) {
        if (address.isEmpty() || !Epoll.isAvailable()) {
            return;
        }
        // An abstract address begins with a zero in place of the sign.
        byte[] to = address.get().replaceFirst("^@", "\0").getBytes(StandardCharsets.UTF_8);
        byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocateDirect(text.length);
        bytes.put(text);
        Socket socket = Socket.newSocketDomainDgram();
        try {
            socket.sendToDomainSocket(bytes, 0, text.length, to);
        } catch (IOException failed) {
            LOG.warn("the service manager at {} was not told {}: {}", address.get(), lines, failed.toString());
        } finally {
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            LOG.debug("a socket could not be closed", failed);
        }
    }
}

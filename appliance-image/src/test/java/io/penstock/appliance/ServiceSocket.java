package io.penstock.appliance;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** What a service manager listens on: each datagram's lines, in order. */
final class ServiceSocket implements AutoCloseable {
    private static final int DATAGRAM_BYTES_MAX = 4096;

    private final Socket socket;
    private final Path path;
    private final List<String> lines = new ArrayList<>();
    private final ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor();

    ServiceSocket(Path path) throws IOException {
        this.path = path;
        Epoll.ensureAvailability();
        this.socket = Socket.newSocketDomainDgram();
        socket.bind(new DomainSocketAddress(path.toString()));
        // The kernel keeps ten datagrams; whoever sends waits for room.
        var _ = reader.scheduleWithFixedDelay(this::heard, 10, 10, TimeUnit.MILLISECONDS);
    }

    String path() {
        return path.toString();
    }

    /** Everything heard since {@link #forget}. */
    synchronized List<String> heard() {
        ByteBuffer datagram = ByteBuffer.allocateDirect(DATAGRAM_BYTES_MAX);
        try {
            while (true) {
                // Nothing there is no error: the socket does not block.
                var from = socket.recvFromDomainSocket(datagram, 0, DATAGRAM_BYTES_MAX);
                if (from == null) {
                    return List.copyOf(lines);
                }
                byte[] text = new byte[from.receivedAmount()];
                datagram.get(0, text);
                lines.addAll(new String(text, StandardCharsets.UTF_8).lines().toList());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    synchronized void forget() {
        heard();
        lines.clear();
    }

    void await(Predicate<List<String>> wanted) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> wanted.test(heard()));
    }

    @Override
    public void close() throws IOException {
        reader.shutdownNow();
        socket.close();
    }
}

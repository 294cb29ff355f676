package io.penstock.appliance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** What plugins fetch from: tells every request its own path, after a while, or never. */
final class SlowOrigin implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 4_096, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger asked = new AtomicInteger();
    private final long answerAfterNs;
    private volatile boolean isSilent;

    SlowOrigin(long answerAfterMs) throws IOException {
        answerAfterNs = answerAfterMs * 1_000_000;
        Thread.ofVirtual().start(this::accept);
    }

    String origin() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** From now on reads and never answers. */
    void fallSilent() {
        isSilent = true;
    }

    /** Requests so far. */
    int asked() {
        return asked.get();
    }

    /** Connections that nobody has closed. */
    int connections() {
        return open.size();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream input = new BufferedInputStream(socket.getInputStream())) {
            socket.setTcpNoDelay(true);
            for (String line = PlainEndpoint.line(input); !line.isEmpty(); line = PlainEndpoint.line(input)) {
                String path = line.split(" ", 3)[1];
                String field = PlainEndpoint.line(input);
                while (!field.isEmpty()) {
                    field = PlainEndpoint.line(input);
                }
                asked.incrementAndGet();
                if (!isSilent) {
                    LockSupport.parkNanos(answerAfterNs);
                    socket.getOutputStream()
                            .write(("HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path)
                                    .getBytes(StandardCharsets.US_ASCII));
                }
            }
        } catch (IOException gone) {
            // The gateway has closed its end.
        } finally {
            open.remove(socket);
        }
    }

    /** Closes all it has. */
    void end() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        end();
    }
}

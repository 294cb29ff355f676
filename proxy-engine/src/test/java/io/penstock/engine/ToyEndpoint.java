package io.penstock.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** An endpoint that answers every request in one way, well or wickedly, and counts them. */
final class ToyEndpoint implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;
    private static final long SLOW_NS = 60_000_000;

    private final ServerSocket socket = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private final String name;
    private volatile Manner manner;

    /** How it answers. */
    enum Manner {
        /** As it should. */
        GOOD,
        /** As it should, after a while. */
        SLOW,
        /** With a RST. */
        RESETTING,
        /** With 500; its health check is answered well. */
        LYING,
        /** Not at all: nobody listens. */
        DEAD
    }

    ToyEndpoint(String name, Manner manner) throws IOException {
        this.name = name;
        this.manner = manner;
        if (manner == Manner.DEAD) {
            socket.close();
        } else {
            threads.execute(this::accept);
        }
    }

    String name() {
        return name;
    }

    int port() {
        return socket.getLocalPort();
    }

    Manner manner() {
        return manner;
    }

    void manner(Manner next) {
        manner = next;
    }

    /** How many requests it has had, checks left out. */
    int requests() {
        return requests.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                open.add(connection);
                threads.execute(() -> serve(connection));
            }
        } catch (IOException closed) {
            // The end.
        }
    }

    private void serve(Socket connection) {
        try (Peer peer = new Peer(connection, TIMEOUT_MS)) {
            while (true) {
                boolean isCheck = peer.readHead().startsWith("GET /healthz ");
                if (isCheck) {
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    continue;
                }
                requests.incrementAndGet();
                Manner now = manner;
                if (now == Manner.RESETTING) {
                    peer.reset();
                    return;
                }
                if (now == Manner.SLOW) {
                    LockSupport.parkNanos(SLOW_NS);
                }
                peer.send("HTTP/1.1 " + (now == Manner.LYING ? "500 No" : "200 OK") + "\r\nContent-Length: "
                        + name.length() + "\r\n\r\n" + name);
            }
        } catch (IOException ended) {
            // The client's, or the test's.
        } finally {
            open.remove(connection);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : open) {
            connection.close();
        }
        threads.shutdownNow();
    }
}

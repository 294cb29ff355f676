package io.penstock.engine;

import io.penstock.config.TargetConfig;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An endpoint that misbehaves as it is told, and counts what it is asked. */
final class ChaosEndpoint implements AutoCloseable {
    /** What becomes of a request whose head and body have come. */
    enum Mood {
        OK,
        BUSY,
        RESET,
        SILENT,
        /** Answers after 300 ms. */
        SLOW,
        /** Does four requests at once, each for 2 ms. */
        QUEUED
    }

    private static final long SLOW_MS = 300;
    private static final long SERVICE_MS = 2;

    private final ServerSocket server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Queue<String> bodies = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final Semaphore hands = new Semaphore(4);
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final CountDownLatch slowly = new CountDownLatch(1);
    private volatile Mood mood = Mood.OK;

    ChaosEndpoint() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    ChaosEndpoint(Mood mood) throws IOException {
        this();
        this.mood = mood;
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream input = new BufferedInputStream(socket.getInputStream());
            for (String head = head(input); !head.isEmpty(); head = head(input)) {
                int length = contentLength(head);
                bodies.add(new String(input.readNBytes(length), StandardCharsets.ISO_8859_1));
                requests.incrementAndGet();
                switch (mood) {
                    case OK -> answer(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    case BUSY -> answer(socket, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
                    case RESET -> {
                        socket.setSoLinger(true, 0);
                        return;
                    }
                    case SLOW -> {
                        slowly.await(SLOW_MS, TimeUnit.MILLISECONDS);
                        answer(socket, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
                    }
                    case QUEUED -> answerInTurn(socket);
                    case SILENT -> {
                        // The next read ends when the engine gives the connection up.
                    }
                }
            }
        } catch (IOException | InterruptedException gone) {
            // The engine has closed its end.
        } finally {
            sockets.remove(socket);
        }
    }

    private void answerInTurn(Socket socket) throws IOException, InterruptedException {
        int now = inside.incrementAndGet();
        atOnce.accumulateAndGet(now, Math::max);
        try {
            hands.acquire();
            try {
                slowly.await(SERVICE_MS, TimeUnit.MILLISECONDS);
            } finally {
                hands.release();
            }
        } finally {
            inside.decrementAndGet();
        }
        answer(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }

    private static void answer(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String head(InputStream input) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int octet = input.read();
            if (octet < 0) {
                return "";
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private static int contentLength(String head) {
        String field = "content-length: ";
        int at = head.toLowerCase(Locale.ROOT).indexOf(field);
        return at < 0
                ? 0
                : Integer.parseInt(head.substring(at + field.length(), head.indexOf('\r', at + field.length())));
    }

    void mood(Mood next) {
        mood = next;
    }

    TargetConfig target() {
        return TargetConfig.of("127.0.0.1:" + server.getLocalPort());
    }

    /** How many requests have come whole. */
    int requests() {
        return requests.get();
    }

    /** How many were asked at once at most, while {@link Mood#QUEUED}. */
    int atOnce() {
        return atOnce.get();
    }

    /** Their bodies, in the order in which they came. */
    Queue<String> bodies() {
        return bodies;
    }

    /** Connections that are open. */
    int connections() {
        return sockets.size();
    }

    @Override
    public void close() throws IOException {
        slowly.countDown();
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}

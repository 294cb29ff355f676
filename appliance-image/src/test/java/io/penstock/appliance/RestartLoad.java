package io.penstock.appliance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * Clients that ask without a pause, some over connections that they keep until the gateway says that they end, some over a new one
 * for each request. None asks twice: whatever goes wrong is a failure.
 */
final class RestartLoad implements AutoCloseable {
    private static final int KEEPING = 3;
    private static final int ALWAYS_NEW = 2;
    private static final int FAILURES_MAX = 20;
    private static final long PAUSE_NS = 1_000_000;
    private static final int TIMEOUT_MS = 20_000;

    private final int port;
    private final LongAdder answered = new LongAdder();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isOver;

    private RestartLoad(int port) {
        this.port = port;
    }

    static RestartLoad on(int port) {
        RestartLoad load = new RestartLoad(port);
        for (int i = 0; i < KEEPING + ALWAYS_NEW; i++) {
            boolean keeps = i < KEEPING;
            load.threads.add(Thread.ofPlatform().daemon().start(() -> load.run(keeps)));
        }
        return load;
    }

    private void run(boolean keeps) {
        while (!isOver && failures.size() < FAILURES_MAX) {
            int asked = 0;
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(TIMEOUT_MS);
                InputStream in = new BufferedInputStream(client.getInputStream());
                boolean goesOn = true;
                while (goesOn && !isOver) {
                    asked++;
                    client.getOutputStream().write(request(keeps));
                    goesOn = isKept(in) && keeps;
                    answered.increment();
                    // Enough to meet every moment of a restart, and leaves the gateways a core to start on.
                    LockSupport.parkNanos(PAUSE_NS);
                }
            } catch (IOException | RuntimeException failed) {
                failures.add("request " + asked + " of a connection" + (keeps ? " that is kept: " : ": ") + failed);
            }
        }
    }

    private static byte[] request(boolean keeps) {
        return ("GET /hello HTTP/1.1\r\nHost: a\r\n" + (keeps ? "" : "Connection: close\r\n") + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    // Reads an answer. Whether the connection is kept after it.
    private static boolean isKept(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("the end after \"" + head + "\"");
            }
            head.append((char) octet);
        }
        String text = head.toString();
        String body = new String(in.readNBytes("hello".length()), StandardCharsets.US_ASCII);
        if (!text.startsWith("HTTP/1.1 200 ") || !body.equals("hello")) {
            throw new IOException(text + body);
        }
        return !text.contains("Connection: close");
    }

    long answered() {
        return answered.sum();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Waits until a good number of requests more has been answered, or something has failed. */
    void awaitMoreThan(long before) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> answered() > before + 500 || !failures.isEmpty());
    }

    @Override
    public void close() {
        end();
    }

    /** Asks no more, and waits for the answers under way. */
    void end() {
        isOver = true;
        for (Thread thread : threads) {
            try {
                thread.join(TIMEOUT_MS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

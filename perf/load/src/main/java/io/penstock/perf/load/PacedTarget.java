package io.penstock.perf.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A target in the generator's own process that gives so many answers a second and no more, one after the other: what it is asked
 * beyond that waits. Answers are due by a timetable, so that it makes up for whatever its own process comes late.
 */
final class PacedTarget {
    private static final byte[] ANSWER = "{\"ticket\":1}".getBytes(StandardCharsets.US_ASCII);
    private static final int BACKLOG = 1_024;
    private static final int BROKEN_DELAY_MS = 1_500;

    private final InetAddress address;
    private final long intervalNs;
    private final boolean isBroken;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable HttpServer running;
    private long dueNs = System.nanoTime();
    private int asked;
    private int now;
    private int mostAtOnce;

    /** One at the address by which this machine reaches the gateway; broken, it errs and dawdles. */
    PacedTarget(URI gateway, double perSecond, boolean isBroken) {
        this.intervalNs = (long) (Duration.ofSeconds(1).toNanos() / perSecond);
        this.isBroken = isBroken;
        this.address = SecondTarget.towards(gateway);
    }

    /** Begins to serve. @return where the gateway finds it */
    synchronized String open() {
        // The JDK's server writes head and body apart; with Nagle's algorithm each answer would wait for a delayed ACK.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(address, 0), BACKLOG);
            server.setExecutor(threads);
            server.createContext("/", this::answer);
            server.start();
            running = server;
            return SecondTarget.authority(address, server.getAddress().getPort());
        } catch (IOException failed) {
            throw new UncheckedIOException("no target at " + address, failed);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        int turn = begin();
        long waitNs = due() - System.nanoTime();
        try (exchange) {
            if (waitNs > 0) {
                Thread.sleep(Duration.ofNanos(waitNs));
            }
            if (isBroken && turn % 2 == 0) {
                Thread.sleep(BROKEN_DELAY_MS);
            }
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            end();
            exchange.sendResponseHeaders(isBroken && turn % 3 == 0 ? 500 : 200, ANSWER.length);
            exchange.getResponseBody().write(ANSWER);
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized int begin() {
        now++;
        mostAtOnce = Math.max(mostAtOnce, now);
        return ++asked;
    }

    private synchronized void end() {
        now--;
    }

    private synchronized long due() {
        long nowNs = System.nanoTime();
        // No answer is due earlier because nobody asked for a while.
        dueNs = nowNs - dueNs > intervalNs ? nowNs : dueNs + intervalNs;
        return dueNs;
    }

    /** The most requests that it had at one time. */
    synchronized int mostAtOnce() {
        return mostAtOnce;
    }

    synchronized void close() {
        if (running != null) {
            running.stop(0);
            running = null;
        }
        threads.shutdownNow();
    }
}

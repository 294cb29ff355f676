package io.penstock.perf.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A target in the generator's own process, which can be killed with all its connections and comes back at the same address.
 * Answers whatever is asked, after a moment, so that some requests are at it when it goes.
 */
final class SecondTarget {
    private static final byte[] ANSWER = "{\"second\":true}".getBytes(StandardCharsets.US_ASCII);
    private static final int MOMENT_MS = 20;
    private static final int REACHED_MS_MAX = 5_000;

    private final InetAddress address;
    private final AtomicInteger served = new AtomicInteger();
    private int port;
    private @Nullable HttpServer running;
    private @Nullable ExecutorService threads;

    /** One at the address by which this machine reaches the gateway. */
    SecondTarget(URI gateway) {
        address = towards(gateway);
    }

    /** The address by which this machine reaches a gateway. */
    static InetAddress towards(URI gateway) {
        try (Socket towards = new Socket()) {
            int known = gateway.getPort() < 0 ? (gateway.getScheme().equals("https") ? 443 : 80) : gateway.getPort();
            towards.connect(new InetSocketAddress(gateway.getHost(), known), REACHED_MS_MAX);
            return towards.getLocalAddress();
        } catch (IOException failed) {
            throw new UncheckedIOException("no way to " + gateway, failed);
        }
    }

    /** As the gateway finds it. */
    static String authority(InetAddress address, int port) {
        String host = address.getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Begins to serve, or serves again. */
    synchronized void revive() {
        if (running == null) {
            try {
                HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                server.setExecutor(executor);
                server.createContext("/", this::answer);
                server.start();
                port = server.getAddress().getPort();
                running = server;
                threads = executor;
            } catch (IOException failed) {
                throw new UncheckedIOException("no second target at " + address + ":" + port, failed);
            }
        }
    }

    /** Cuts all connections and stops listening. */
    synchronized void kill() {
        if (running != null) {
            running.stop(0);
            running = null;
        }
        if (threads != null) {
            threads.shutdownNow();
            threads = null;
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Thread.sleep(MOMENT_MS);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, ANSWER.length);
            exchange.getResponseBody().write(ANSWER);
            served.incrementAndGet();
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers given so far, over all its lives. */
    int served() {
        return served.get();
    }

    /** Where the gateway finds it, once it has served. */
    synchronized String authority() {
        return authority(address, port);
    }
}

package io.penstock.appliance.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A service to be routed to: says its name and what it was asked, well or badly as its habits are. Can be killed and brought
 * back at the same port.
 */
final class ToyUpstream implements AutoCloseable {
    private final String name;
    private final ToyHabits habits = new ToyHabits();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private InetSocketAddress address;
    private HttpServer server;

    ToyUpstream(String name) {
        this.name = name;
        this.server = open(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        this.address = server.getAddress();
    }

    private HttpServer open(InetSocketAddress at) {
        // The JDK's server writes head and body apart; with Nagle's algorithm each answer would wait for a delayed ACK.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            HttpServer opened = HttpServer.create(at, 128);
            opened.setExecutor(executor);
            opened.createContext("/", this::answer);
            opened.start();
            return opened;
        } catch (IOException failed) {
            throw new UncheckedIOException("toy upstream " + name + " cannot listen", failed);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            Duration delay = habits.begin(path);
            if (!delay.isZero()) {
                Thread.sleep(delay);
            }
            int status = habits.end(path) ? 200 : 500;
            byte[] body = (name + " was asked for " + exchange.getRequestMethod() + " " + exchange.getRequestURI()
                            + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.getResponseHeaders().set("X-Upstream", name);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    ToyHabits habits() {
        return habits;
    }

    String name() {
        return name;
    }

    String authority() {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /** Ends it as a crash does: the port is closed, and every connection with whatever was on it. */
    void kill() {
        server.stop(0);
    }

    void bringBack() {
        server = open(address);
        address = server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
        executor.close();
    }
}

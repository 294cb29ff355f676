package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.config.AcceptMode;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.ListenerLimits;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.metrics.Counter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What connections, pools and requests under way live to see of changes and bounds, on real sockets. */
final class ChangeUnderTrafficTest {
    @TempDir
    private Path logs;

    /** An endpoint that answers each head with two bytes, once its gate is open. */
    private static final class Endpoint implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        private final AtomicInteger connections = new AtomicInteger();
        private final AtomicInteger requests = new AtomicInteger();
        private volatile CountDownLatch gate = new CountDownLatch(0);

        Endpoint() throws IOException {
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            while (true) {
                try {
                    Socket socket = server.accept();
                    connections.incrementAndGet();
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        private void serve(Socket socket) {
            try (socket) {
                InputStream input = socket.getInputStream();
                int newlines = 0;
                for (int octet = input.read(); octet >= 0; octet = input.read()) {
                    newlines = octet == '\n' ? newlines + 1 : octet == '\r' ? newlines : 0;
                    if (newlines == 2) {
                        requests.incrementAndGet();
                        gate.await();
                        socket.getOutputStream()
                                .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup"
                                        .getBytes(StandardCharsets.ISO_8859_1));
                    }
                }
            } catch (IOException | InterruptedException gone) {
                // The engine has closed its end.
            }
        }

        TargetConfig target() {
            return TargetConfig.of("127.0.0.1:" + server.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static ProxyConfig forwarding(Endpoint endpoint) {
        return ProxyConfig.initial()
                .with(ConfigRig.web().build())
                .with(UpstreamConfig.named("up").targets(endpoint.target()).build())
                .with(ServiceConfig.named("up", "up").build())
                .with(RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("up")
                        .build());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void keepsThePooledConnectionsOfAnUnchangedUpstream(int workers) throws Exception {
        try (Endpoint endpoint = new Endpoint();
                Endpoint other = new Endpoint();
                ConfigRig rig = new ConfigRig(workers, logs)) {
            ProxyConfig config = forwarding(endpoint);
            rig.publish(config);
            try (EngineClient client = rig.client()) {
                assertThat(client.get("/")).isEqualTo("200 up");
                for (int i = 0; i < 5; i++) {
                    config = config.with(
                                    ConfigRig.fixed("more-" + i, "/more-" + i).build())
                            .with(UpstreamConfig.named("other-" + i)
                                    .targets(other.target())
                                    .build());
                    rig.publish(config);
                    assertThat(client.get("/")).isEqualTo("200 up");
                }
            }
            assertThat(endpoint.requests).hasValue(6);
            assertThat(endpoint.connections).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void letsARunningRequestFinishWhenItsRouteAndUpstreamAreRemoved(int workers) throws Exception {
        try (Endpoint endpoint = new Endpoint();
                ConfigRig rig = new ConfigRig(workers, logs);
                Clients clients = new Clients()) {
            ProxyConfig config = forwarding(endpoint);
            rig.publish(config);
            CountDownLatch gate = new CountDownLatch(1);
            endpoint.gate = gate;
            EngineClient running = clients.keep(rig.client());
            running.send("/");
            await().until(() -> endpoint.requests.get() == 1);

            rig.publish(config.without(ResourceType.ROUTES, "all")
                    .without(ResourceType.SERVICES, "up")
                    .without(ResourceType.UPSTREAMS, "up"));
            gate.countDown();

            assertThat(running.response()).isEqualTo("200 up");
            assertThat(running.get("/")).startsWith("404");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void drainsWhatRunsAndEndsWhatIsIdle(int workers) throws Exception {
        try (Endpoint endpoint = new Endpoint();
                ConfigRig rig = new ConfigRig(workers, logs);
                Clients clients = new Clients()) {
            rig.publish(forwarding(endpoint));
            EngineClient idle = clients.keep(rig.client());
            assertThat(idle.get("/")).isEqualTo("200 up");
            CountDownLatch gate = new CountDownLatch(1);
            endpoint.gate = gate;
            EngineClient running = clients.keep(rig.client());
            running.send("/");
            await().until(() -> endpoint.requests.get() == 2);

            CompletableFuture<Boolean> drained =
                    CompletableFuture.supplyAsync(() -> rig.engine().drain(Duration.ofSeconds(20)));
            assertThat(idle.isEnded()).isTrue();
            assertThat(rig.engine().readings().isReady()).isFalse();
            assertThat(drained).isNotDone();
            gate.countDown();

            assertThat(running.response()).isEqualTo("200 up");
            assertThat(running.isEnded()).isTrue();
            assertThat(drained.get()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void holdsTheBoundOfConnectionsOverAllWorkers(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs);
                Clients clients = new Clients()) {
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().limits(limits(5, Optional.empty())).build())
                    .with(ConfigRig.fixed("hello", "/").build()));
            for (int i = 0; i < 5; i++) {
                assertThat(clients.keep(rig.client()).get("/")).isEqualTo("200 hello");
            }

            for (int i = 0; i < 3; i++) {
                assertThat(isTurnedAway(rig, clients)).isTrue();
            }
            assertThat(rig.engine().readings().metrics().value(Counter.CONNECTIONS_REFUSED))
                    .isEqualTo(3);

            clients.leave();
            await().untilAsserted(
                            () -> assertThat(rig.engine().readings().metrics().value(Counter.CONNECTIONS_OPEN))
                                    .isZero());
            assertThat(clients.keep(rig.client()).get("/")).isEqualTo("200 hello");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void holdsTheBoundOfNewConnectionsOverAllWorkers(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs);
                Clients clients = new Clients()) {
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().limits(limits(1000, Optional.of(1))).build())
                    .with(ConfigRig.fixed("hello", "/").build()));

            int refused = 0;
            long beganNs = System.nanoTime();
            for (int i = 0; i < 12; i++) {
                refused += isTurnedAway(rig, clients) ? 1 : 0;
            }
            // One a second and one at once: however long the loop took, what is above that was refused.
            long seconds = (System.nanoTime() - beganNs) / 1_000_000_000L;
            assertThat(12 - refused).isBetween(1, (int) seconds + 2);
        }
    }

    /** Whether a further connection is ended unheard; the reset may come while the client still connects. */
    private static boolean isTurnedAway(ConfigRig rig, Clients clients) {
        try {
            clients.keep(rig.client()).get("/");
            return false;
        } catch (IOException ended) {
            return true;
        }
    }

    private static ListenerLimits limits(int connections, Optional<Integer> newPerSecond) {
        return new ListenerLimits(
                connections, newPerSecond, ListenerLimits.DEFAULTS.headBytes(), ListenerLimits.DEFAULTS.headFields());
    }

    @Test
    void sharesLongConnectionsOutEvenlyWhereAcceptIsBalanced() throws Exception {
        try (ConfigRig rig = new ConfigRig(4, logs);
                Clients clients = new Clients()) {
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().accept(AcceptMode.BALANCED).build())
                    .with(ConfigRig.fixed("hello", "/").build()));
            for (int i = 0; i < 20; i++) {
                assertThat(clients.keep(rig.client()).get("/")).isEqualTo("200 hello");
            }

            assertThat(rig.engine().readings().status().workers())
                    .extracting(EngineStatus.WorkerStatus::connections)
                    .containsExactly(5L, 5L, 5L, 5L);
        }
    }

    @Test
    void refusesMoreListenersAndUpstreamsThanCanBeCounted() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            ProxyConfig config = ProxyConfig.initial().with(ConfigRig.web().build());
            rig.publish(config);
            ProxyConfig many = config;
            for (int i = 0; i < 32; i++) {
                many = many.with(UpstreamConfig.named("up-" + i)
                        .targets(TargetConfig.of("127.0.0.1:9"))
                        .build());
            }

            assertThat(rig.engine().prepare(many))
                    .isInstanceOfSatisfying(
                            Preparation.Refused.class,
                            refused -> assertThat(refused.problems())
                                    .singleElement()
                                    .satisfies(problem -> {
                                        assertThat(problem.code()).isEqualTo("permit-table-full");
                                        assertThat(problem.detail())
                                                .contains("64")
                                                .contains("63 of 64");
                                    }));

            // Once and again: what a removed upstream counted is free for the next.
            for (int i = 0; i < 40; i++) {
                rig.publish(config.with(UpstreamConfig.named("passing-" + i)
                                .targets(TargetConfig.of("127.0.0.1:9"))
                                .build())
                        .with(ListenerConfig.named("passing-" + i, ListenAddress.parse("127.0.0.1:0"))
                                .build()));
            }
        }
    }

    /** Clients, to be closed latest first. */
    private static final class Clients implements AutoCloseable {
        private final List<EngineClient> kept = new ArrayList<>();

        EngineClient keep(EngineClient client) {
            kept.add(client);
            return client;
        }

        void leave() throws IOException {
            for (EngineClient client : kept.reversed()) {
                client.close();
            }
            kept.clear();
        }

        @Override
        public void close() throws IOException {
            leave();
        }
    }
}

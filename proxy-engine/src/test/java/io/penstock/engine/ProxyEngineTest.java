package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.LimitConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Rate;
import io.penstock.config.ResourceType;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointDrain;
import io.penstock.discovery.EndpointView;
import io.penstock.metrics.Counter;
import io.penstock.metrics.SeriesCounter;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole engine on loopback sockets, with one worker and with several. */
final class ProxyEngineTest {
    private static final int TIMEOUT_MS = 20_000;

    @TempDir
    private Path logs;

    private final List<ProxyEngine> engines = new ArrayList<>();
    private long revision;

    @AfterEach
    void close() {
        engines.forEach(ProxyEngine::close);
    }

    private ProxyEngine start(int workers, ProxyConfig config) throws Exception {
        return start(workers, TransportChoice.NIO, config);
    }

    private ProxyEngine start(int workers, TransportChoice transport, ProxyConfig config) throws Exception {
        ProxyEngine engine = ProxyEngine.start(EngineOptions.of(workers, transport, logs, "test"));
        engines.add(engine);
        publish(engine, config);
        return engine;
    }

    private void publish(ProxyEngine engine, ProxyConfig config) throws Exception {
        Preparation preparation = engine.prepare(config);
        assertThat(preparation).isInstanceOf(Preparation.Ready.class);
        revision++;
        Adoption adoption = engine.publish(((Preparation.Ready) preparation).prepared(), revision);
        adoption.active().toCompletableFuture().get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    private static ProxyConfig config() {
        return ProxyConfig.initial()
                .with(ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()))
                        .build())
                .with(fixed("hello", "/", "hello"));
    }

    private static RouteConfig fixed(String name, String prefix, String body) {
        return RouteConfig.named(name)
                .matches(RouteMatch.of(PathMatch.prefix(prefix)))
                .respond(new RespondConfig(
                        200, Optional.of(body), RespondConfig.DEFAULTS.contentType(), RespondConfig.DEFAULTS.headers()))
                .build();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException refused) {
            throw new IllegalStateException("no port is free", refused);
        }
    }

    private static EngineClient client(ProxyEngine engine) throws IOException {
        return new EngineClient(
                engine.readings().status().listeners().getFirst().address());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void servesItsFirstTrafficAndKnowsWhatItDid(int workers) throws Exception {
        ProxyEngine engine = start(workers, config());

        for (int i = 0; i < 8; i++) {
            try (EngineClient client = client(engine)) {
                assertThat(client.get("/x")).isEqualTo("200 hello");
                assertThat(client.get("/y")).isEqualTo("200 hello");
            }
        }

        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
        assertThat(engine.readings().metrics().value(Counter.REQUESTS)).isEqualTo(16);
        assertThat(engine.readings().metrics().value(Counter.REQUESTS_ACTIVE)).isZero();
        assertThat(engine.readings().metrics().value(Counter.ACCESS_RECORDS)).isEqualTo(16);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void servesAUnixSocketAndTakesItsFileAway(int workers) throws Exception {
        Path path = logs.resolve("web.sock");
        ProxyEngine engine = start(
                workers,
                TransportChoice.EPOLL,
                ProxyConfig.initial()
                        .with(ListenerConfig.named("web", ListenAddress.parse("unix:" + path))
                                .build())
                        .with(fixed("hello", "/", "hello")));
        assertThat(engine.readings().status().listeners().getFirst().address())
                .isEqualTo(UnixDomainSocketAddress.of(path));

        for (int i = 0; i < 8; i++) {
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(ByteBuffer.wrap(
                        "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                String response = new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nhello");
            }
        }

        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
        assertThat(path).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void keepsConnectionsOverAnUnrelatedChange(int workers) throws Exception {
        ProxyConfig config = config();
        ProxyEngine engine = start(workers, config);
        try (EngineClient client = client(engine)) {
            client.get("/");

            for (int i = 0; i < 20; i++) {
                config = config.with(fixed("more-" + i, "/more-" + i, "more"));
                publish(engine, config);
                assertThat(client.get("/")).isEqualTo("200 hello");
            }

            assertThat(client.get("/more-19")).isEqualTo("200 more");
            assertThat(engine.readings().status().liveTables()).isLessThanOrEqualTo(8);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void refusesAPortInUseBeforeAnythingHasChanged(int workers) throws Exception {
        ProxyConfig config = config();
        ProxyEngine engine = start(workers, config);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                EngineClient client = client(engine)) {
            Preparation preparation = engine.prepare(config.with(
                            ListenerConfig.named("other", ListenAddress.parse("127.0.0.1:" + taken.getLocalPort()))
                                    .build())
                    .with(fixed("more", "/more", "more")));

            assertThat(preparation).isInstanceOf(Preparation.Refused.class);
            assertThat(client.get("/more")).isEqualTo("200 hello");
            assertThat(engine.readings().status().revision()).isEqualTo(1);
            publish(engine, config.with(fixed("more", "/more", "more")));
            assertThat(client.get("/more")).isEqualTo("200 more");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void sharesOneRateOverAllWorkers(int workers) throws Exception {
        ProxyConfig config = config().with(
                        LimitConfig.named("all", Rate.parse("1/d")).burst(10).build());
        ProxyEngine engine = start(
                workers,
                config.with(config.routes().find("hello").orElseThrow().toBuilder()
                        .limits("all")
                        .build()));
        int passed = 0;

        for (int i = 0; i < 30; i++) {
            try (EngineClient client = client(engine)) {
                passed += client.get("/").equals("200 hello") ? 1 : 0;
            }
        }

        assertThat(passed).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void givesTheAddressOfARemovedListenerBack(int workers) throws Exception {
        ProxyConfig config = config();
        ProxyEngine engine = start(workers, config);
        for (int i = 0; i < 10; i++) {
            publish(engine, config.without(ResourceType.LISTENERS, "web"));
            assertThat(engine.readings().status().listeners()).isEmpty();

            publish(engine, config);

            // As many as are likely to meet each socket of the address.
            for (int j = 0; j < 4 * workers; j++) {
                try (EngineClient client = client(engine)) {
                    assertThat(client.get("/")).isEqualTo("200 hello");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void drainsATargetOnEveryWorkerUntilToldOtherwise(int workers) throws Exception {
        String target = "127.0.0.1:" + freePort();
        ProxyConfig config = config().with(UpstreamConfig.named("nobody")
                        .targets(TargetConfig.of(target))
                        .build())
                .with(ServiceConfig.named("nobody", "nobody").build())
                .with(RouteConfig.named("nobody")
                        .matches(RouteMatch.of(PathMatch.prefix("/nobody")))
                        .service("nobody")
                        .build());
        ProxyEngine engine = start(workers, config);

        engine.drains(List.of(new EndpointDrain("nobody", target, Instant.now().plus(Duration.ofHours(1)))));
        // A worker carries out in order what it is told: who serves this revision knows of the drain.
        publish(engine, config.with(fixed("more", "/more", "more")));
        for (int i = 0; i < 8; i++) {
            try (EngineClient client = client(engine)) {
                assertThat(client.get("/nobody")).startsWith("503").contains("endpoints-draining");
            }
        }
        assertThat(engine.readings().endpoints("nobody").getFirst().endpoint().state())
                .isEqualTo(EndpointView.State.DRAINING);

        engine.drains(List.of());
        publish(engine, config);
        try (EngineClient client = client(engine)) {
            assertThat(client.get("/nobody")).startsWith("502");
        }
        EndpointStatus status = engine.readings().endpoints("nobody").getFirst();
        assertThat(status.endpoint().state()).isEqualTo(EndpointView.State.READY);
        assertThat(status.counts().orElseThrow().value(SeriesCounter.ENDPOINT_CONNECT_FAILURES))
                .isPositive();
    }
}

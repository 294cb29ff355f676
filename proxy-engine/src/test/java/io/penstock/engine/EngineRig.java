package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.Counter;
import io.penstock.metrics.MetricsReading;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.TransportChoice;
import io.penstock.transport.TransportRefused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** An engine on one of the transports that forwards everything to one endpoint. The test is its clients and the endpoint. */
final class EngineRig implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;

    private final ServerSocket endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Peer> peers = new CopyOnWriteArrayList<>();
    private final ProxyEngine engine;
    private ProxyConfig config = ProxyConfig.empty();
    private long revision;
    private boolean isStopped;

    /** @param more what the configuration has besides, or in place of what the rig puts there */
    EngineRig(TransportChoice transport, int workers, Path logs, Resource... more) throws Exception {
        this(transport, workers, logs, Optional.empty(), more);
    }

    /** One that takes another's place. */
    EngineRig(TransportChoice transport, int workers, Path logs, Optional<InheritedSockets> inherited, Resource... more)
            throws Exception {
        endpoint.setSoTimeout(TIMEOUT_MS);
        try {
            engine = ProxyEngine.start(
                    EngineOptions.of(workers, transport, logs, "test").inheriting(inherited));
        } catch (TransportRefused absent) {
            endpoint.close();
            Assumptions.abort(absent.getMessage());
            throw new AssertionError(absent);
        }
        config = ProxyConfig.initial()
                .with(ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()))
                        .build())
                .with(UpstreamConfig.named("backend")
                        .targets(TargetConfig.of("127.0.0.1:" + endpoint.getLocalPort()))
                        .build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("backend")
                        .build())
                .with(List.of(more));
        publish(config);
    }

    /** What is served. */
    ProxyConfig config() {
        return config;
    }

    /** Has every worker serve another config. */
    void publish(ProxyConfig next) throws Exception {
        Preparation preparation = engine.prepare(next);
        assertThat(preparation).isInstanceOf(Preparation.Ready.class);
        engine.publish(((Preparation.Ready) preparation).prepared(), ++revision)
                .active()
                .toCompletableFuture()
                .get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        config = next;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    ProxyEngine engine() {
        return engine;
    }

    /** A client that has connected. */
    Peer client() throws IOException {
        SocketAddress address =
                engine.readings().status().listeners().getFirst().address();
        Peer peer = Peer.connect(address, TIMEOUT_MS);
        peers.add(peer);
        return peer;
    }

    /** A client that has sent this. */
    Peer client(String sends) throws IOException {
        Peer client = client();
        client.send(sends);
        return client;
    }

    /** The next connection that the engine makes to the endpoint. */
    Peer endpoint() throws IOException {
        Peer peer = new Peer(endpoint.accept(), TIMEOUT_MS);
        peers.add(peer);
        return peer;
    }

    MetricsReading metrics() {
        return engine.readings().metrics();
    }

    /** Closes what the test holds and waits until the engine holds no connection, request, permit or descriptor for it. */
    void settle() throws IOException {
        for (Peer peer : peers) {
            peer.close();
        }
        peers.clear();
        Awaitility.await()
                .atMost(Duration.ofMillis(TIMEOUT_MS))
                .pollInterval(Duration.ofMillis(1))
                .untilAsserted(this::holdsNothing);
    }

    private void holdsNothing() {
        MetricsReading metrics = engine.readings().metrics();
        assertThat(List.of(
                        Counter.CONNECTIONS_OPEN,
                        Counter.REQUESTS_ACTIVE,
                        Counter.UPSTREAM_CONNECTIONS_OPEN,
                        Counter.UPSTREAM_CONNECTIONS_IDLE,
                        Counter.POOL_PENDING))
                .allSatisfy(gauge ->
                        assertThat(metrics.value(gauge)).as(gauge.name()).isZero());
        PermitTable permits = engine.tables().shared().permits();
        assertThat(List.of("listener/web", "pool/backend", "pending/backend"))
                .allSatisfy(cell ->
                        assertThat(permits.inUse(permits.slotOf(cell))).as(cell).isZero());
    }

    /** Stops the engine, whatever is still open. */
    void stop() {
        if (!isStopped) {
            isStopped = true;
            engine.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Peer peer : peers) {
            peer.close();
        }
        stop();
        endpoint.close();
    }
}

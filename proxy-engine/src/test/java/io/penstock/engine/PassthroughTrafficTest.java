package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.Protocol;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections passed on through real sockets. */
final class PassthroughTrafficTest {
    private static final int TIMEOUT_MS = 20_000;
    private static final int CLIENTS = 8;
    private static final int BYTES = 8 << 20;

    @TempDir
    private Path logs;

    private EngineRig rig(TransportChoice transport, int workers) throws Exception {
        return new EngineRig(
                transport,
                workers,
                logs,
                ListenerConfig.named("db", ListenAddress.parse("127.0.0.1:" + ConfigRig.freePort()))
                        .protocol(Protocol.TCP)
                        .build(),
                RouteConfig.named("db")
                        .listeners("db")
                        .matches(RouteMatch.ofNames(List.of()))
                        .upstream("backend")
                        .build());
    }

    private static Peer connect(EngineRig rig) throws Exception {
        SocketAddress address = rig.engine().readings().status().listeners().stream()
                .filter(listener -> listener.name().equals("db"))
                .findFirst()
                .orElseThrow()
                .address();
        return Peer.connect(address, TIMEOUT_MS);
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void goOnTowardsAClientThatHasSentAllBeforeItReads(TransportChoice transport) throws Exception {
        try (EngineRig rig = rig(transport, 1);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Peer client = connect(rig);
            Peer endpoint = rig.endpoint();
            Future<?> sent = threads.submit(() -> {
                // More than the kernels' buffers take, so that output waits in the gateway.
                endpoint.sendMuch(2 * BYTES);
                endpoint.endOutput();
                return 0;
            });
            Awaitility.await()
                    .atMost(Duration.ofMillis(TIMEOUT_MS))
                    .until(() -> rig.metrics().value(Counter.UPSTREAM_BYTES_IN) > 1 << 20);

            client.endOutput();

            assertThat(client.readToEnd()).hasSize(2 * BYTES);
            sent.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
            client.close();
            rig.settle();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void passOnWhatComesAndEndAsItEnds(int workers) throws Exception {
        try (EngineRig rig = rig(TransportChoice.AUTO, workers);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Peer> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Peer client = connect(rig);
                clients.add(client);
                Peer endpoint = rig.endpoint();
                client.send("to");
                assertThat(endpoint.read(2)).isEqualTo("to");
                client.endOutput();
                assertThat(endpoint.readToEnd()).isEmpty();
                Future<?> sent = threads.submit(() -> {
                    endpoint.sendMuch(BYTES);
                    endpoint.endOutput();
                    return 0;
                });
                assertThat(client.readToEnd()).hasSize(BYTES);
                sent.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
            }
            assertThat(rig.metrics().value(Counter.PASSTHROUGHS)).isEqualTo(CLIENTS);
            for (Peer client : clients) {
                client.close();
            }
            rig.settle();
            assertThat(rig.metrics().value(Counter.TUNNELS_OPEN)).isZero();
        }
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.TransportChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets through real sockets: what happens to them while the gateway changes and when it stops. */
final class WebSocketTrafficTest {
    private static final int SOCKETS = 8;
    private static final String ASK =
            "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String SWITCH =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    @TempDir
    private Path logs;

    private record Ends(Peer client, Peer endpoint) {}

    private static Ends open(EngineRig rig) throws Exception {
        Peer client = rig.client(ASK);
        Peer endpoint = rig.endpoint();
        endpoint.readHead();
        endpoint.send(SWITCH);
        client.readHead();
        return new Ends(client, endpoint);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void stayOpenOverConfigChanges(int workers) throws Exception {
        try (EngineRig rig = new EngineRig(TransportChoice.AUTO, workers, logs)) {
            List<Ends> sockets = new ArrayList<>();
            for (int i = 0; i < SOCKETS; i++) {
                sockets.add(open(rig));
            }
            for (int change = 1; change <= 50; change++) {
                rig.publish(rig.config()
                        .with(ConfigRig.fixed("r" + change, "/r" + change).build()));
            }
            for (Ends ends : sockets) {
                ends.client.send("to");
                assertThat(ends.endpoint.read(2)).isEqualTo("to");
                ends.endpoint.send("fro");
                assertThat(ends.client.read(3)).isEqualTo("fro");
            }
            assertThat(rig.metrics().value(Counter.TUNNELS_OPEN)).isEqualTo(SOCKETS);
            rig.settle();
            assertThat(rig.metrics().value(Counter.TUNNELS_OPEN)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void hearThatTheGatewayGoesAwayOnceItStopsWaiting(int workers) throws Exception {
        try (EngineRig rig = new EngineRig(TransportChoice.AUTO, workers, logs)) {
            List<Ends> sockets = new ArrayList<>();
            for (int i = 0; i < SOCKETS; i++) {
                sockets.add(open(rig));
            }

            assertThat(rig.engine().drain(Duration.ofMillis(50))).isFalse();
            for (Ends ends : sockets) {
                ends.client.send("\u0082\u0082abcdhi");
                assertThat(ends.endpoint.read(8)).endsWith("hi");
            }
            rig.stop();

            for (Ends ends : sockets) {
                assertThat(ends.client.readToEnd()).isEqualTo("\u0088\u0002\u0003\u00e9");
                assertThat(ends.endpoint.readToEnd()).hasSize(8).startsWith("\u0088\u0082");
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() ->
                            assertThat(rig.metrics().value(Reason.DRAINING)).isEqualTo(SOCKETS));
        }
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Counter;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.TransportChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests from real clients to a real endpoint and back, on every transport that works here. */
final class ForwardingTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final long TIMEOUT_S = 20;
    private static final int MUCH = 4 * 1024 * 1024;

    @TempDir
    private Path logs;

    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private final List<EngineRig> rigs = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (EngineRig rig : rigs) {
            rig.close();
        }
        senders.close();
    }

    private EngineRig start(TransportChoice transport) throws Exception {
        EngineRig rig = new EngineRig(transport, 2, logs);
        rigs.add(rig);
        return rig;
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void sendsRequestAfterRequestOverOneConnection(TransportChoice transport) throws Exception {
        EngineRig rig = start(transport);
        Peer client = rig.client(GET);
        Peer endpoint = rig.endpoint();

        for (int i = 0; i < 50; i++) {
            assertThat(endpoint.readHead()).startsWith("GET /a HTTP/1.1\r\nHost: shop.example\r\n");
            endpoint.send(OK);
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(client.read(2)).isEqualTo("ok");
            client.send(GET);
        }

        assertThat(rig.metrics().value(Counter.UPSTREAM_CONNECTS)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void carriesLongBodiesBothWaysAtOnce(TransportChoice transport) throws Exception {
        EngineRig rig = start(transport);
        Peer client = rig.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + MUCH + "\r\n\r\n");
        Peer endpoint = rig.endpoint();
        endpoint.readHead();

        Future<?> up = senders.submit(() -> client.sendMuch(MUCH));
        endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: " + (MUCH + 2) + "\r\n\r\n");
        Future<?> down = senders.submit(() -> endpoint.sendMuch(MUCH));
        // The request is complete before the answer is: an answer that is complete first ends the exchange.
        Future<?> taken = senders.submit(() -> {
            int count = endpoint.read(MUCH).length();
            down.get(TIMEOUT_S, TimeUnit.SECONDS);
            endpoint.send("ok");
            return count;
        });

        assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n");
        String answer = client.read(MUCH + 2);
        assertThat(answer.length()).isEqualTo(MUCH + 2);
        assertThat(answer.endsWith("ok")).isTrue();
        assertThat(taken.get(TIMEOUT_S, TimeUnit.SECONDS)).isEqualTo(MUCH);
        up.get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void holdsTheEndpointBackWhileItsClientDoesNotRead(TransportChoice transport) throws Exception {
        EngineRig rig = start(transport);
        Peer client = rig.client(GET);
        Peer endpoint = rig.endpoint();
        endpoint.readHead();
        endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.readHead();
        long before = rig.engine().transportMemory().usedBytes();

        // What the kernels' buffers and the water marks hold is far less than this.
        int more = 64 * 1024 * 1024;
        endpoint.send(Integer.toHexString(more) + "\r\n");
        Future<?> sender = senders.submit(() -> endpoint.sendMuch(more));

        long held = rig.engine().transportMemory().usedBytes();
        assertThat(held - before).isLessThan(2 * 1024 * 1024);
        assertThat(client.read(1024)).isNotEmpty();
        client.reset();
        sender.get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void tunnelsAnUpgradeUntilBothSidesHaveEnded(TransportChoice transport) throws Exception {
        EngineRig rig = start(transport);
        Peer client = rig.client("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        Peer endpoint = rig.endpoint();
        endpoint.readHead();
        endpoint.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello");
        assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
        assertThat(client.read(5)).isEqualTo("hello");

        client.send("ping");
        client.endOutput();
        assertThat(endpoint.readToEnd()).isEqualTo("ping");
        endpoint.send("pong");
        endpoint.close();

        assertThat(client.readToEnd()).isEqualTo("pong");
        rig.settle();
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void sendsAGetAgainWhereItsPooledConnectionWasClosed(TransportChoice transport) throws Exception {
        EngineRig rig = start(transport);
        Peer client = rig.client(GET);
        Peer first = rig.endpoint();
        first.readHead();
        first.send(OK);
        client.readUntil("ok");

        first.reset();
        client.send(GET);
        Peer second = rig.endpoint();
        second.readHead();
        second.send(OK);

        assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 OK\r\n");
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void knowsARequestAsSoonAsItsClientDoes(TransportChoice transport) throws Exception {
        EngineRig rig = start(transport);
        Peer client = rig.client();
        Peer endpoint = null;

        // Often enough for the log's thread to be caught asleep.
        for (int i = 0; i < 20; i++) {
            client.send(GET);
            endpoint = endpoint == null ? rig.endpoint() : endpoint;
            String asked = endpoint.readHead();
            endpoint.send(OK);
            client.readUntil("ok");

            int id = asked.indexOf("X-Request-Id: ") + 14;
            Optional<TrailEntry> known =
                    rig.engine().readings().request(asked.substring(id, asked.indexOf("\r\n", id)));
            assertThat(known).map(TrailEntry::status).contains(200);
        }
    }

    @ParameterizedTest
    @EnumSource(value = TransportChoice.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void writesALineForEveryRequestIntoTheAccessLog(TransportChoice transport) throws Exception {
        EngineRig rig = start(transport);
        Peer client = rig.client(GET);
        Peer endpoint = rig.endpoint();
        endpoint.readHead();
        endpoint.send(OK);
        client.readUntil("ok");
        rig.client("GET / HTTP/1.1\r\nHost : a\r\n\r\n").readToEnd();

        Path log = logs.resolve("access.log");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(log).exists().content().hasLineCount(2));

        List<String> lines = Files.readAllLines(log);
        assertThat(lines)
                .anySatisfy(line -> assertThat(line)
                        .contains("\"method\":\"GET\"")
                        .contains("\"path\":\"/a\"")
                        .contains("\"status\":200")
                        .contains("\"route\":\"all\"")
                        .contains("127.0.0.1"));
        assertThat(lines)
                .anySatisfy(line -> assertThat(line)
                        .contains("\"reason\":\"bad-field\"")
                        .contains("\"status\":400")
                        .contains("127.0.0.1"));
    }
}

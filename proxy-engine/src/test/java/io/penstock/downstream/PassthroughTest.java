package io.penstock.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AccessConfig;
import io.penstock.config.Cidr;
import io.penstock.config.LimitConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.Protocol;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.Setting;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections that are passed on as they are, by port and by server name. */
final class PassthroughTest {
    private static final int TCP_PORT = 9001;
    private static final int TLS_PORT = 9002;

    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
        assertThat(worker.count(Counter.TUNNELS_OPEN)).isZero();
        assertThat(worker.count(Counter.CONNECTIONS_OPEN)).isZero();
        assertThat(worker.count(Counter.UPSTREAM_CONNECTIONS_OPEN)).isZero();
    }

    private static ListenerConfig.Builder listener(String name, int port, Protocol protocol) {
        return ListenerConfig.named(name, ListenAddress.parse("127.0.0.1:" + port))
                .protocol(protocol);
    }

    private static UpstreamConfig upstream(String name, String... targets) {
        return UpstreamConfig.named(name)
                .targets(List.of(targets).stream().map(TargetConfig::of).toArray(TargetConfig[]::new))
                .build();
    }

    private static RouteConfig.Builder route(String name, String listener, String upstream, String... snis) {
        return RouteConfig.named(name)
                .listeners(listener)
                .matches(RouteMatch.ofNames(List.of(snis)))
                .upstream(upstream);
    }

    private void tcp(String... targets) {
        worker.publish(
                listener("db", TCP_PORT, Protocol.TCP).build(),
                upstream("backend", targets),
                route("db", "db", "backend").build());
    }

    private FakeChannel client(int port) {
        return worker.loop().incoming(new InetSocketAddress("192.0.2.7", 40000), port);
    }

    private static byte[] hello(String name) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    @Nested
    final class OfTcp {
        @Test
        void passBytesBothWaysWhoeverSpeaksFirst() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            FakeChannel endpoint = worker.endpoint();

            endpoint.deliver("220 welcome");
            client.deliver("HELO");

            assertThat(client.sent()).isEqualTo("220 welcome");
            assertThat(endpoint.sent()).isEqualTo("HELO");
            assertThat(worker.count(Counter.PASSTHROUGHS)).isEqualTo(1);
            assertThat(worker.count(Counter.TUNNELS_OPEN)).isEqualTo(1);
        }

        @Test
        void keepWhatTheClientSendsUntilThereIsAnEndpoint() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            client.deliver("early");
            assertThat(client.undelivered()).isEqualTo(5);

            assertThat(worker.endpoint().sent()).isEqualTo("early");
        }

        @Test
        void endInOneDirectionAfterTheOther() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            FakeChannel endpoint = worker.endpoint();

            client.deliver("question");
            client.endInput();
            assertThat(endpoint.isFinished()).isTrue();
            endpoint.deliver("answer");
            endpoint.endInput();
            assertThat(client.sent()).isEqualTo("answer");
            assertThat(client.isOpen()).isFalse();

            FakeChannel second = client(TCP_PORT);
            FakeChannel other = worker.endpoint();
            other.endInput();
            assertThat(second.isFinished()).isTrue();
            second.deliver("last words");
            second.endInput();
            assertThat(other.sent()).isEqualTo("last words");
            assertThat(worker.upstreamPermits()).isZero();
        }

        @Test
        void areNotPutIntoStreamsOfAnUpstreamThatSpeaksHttp2() {
            worker.publish(
                    listener("db", TCP_PORT, Protocol.TCP).build(),
                    UpstreamConfig.named("backend")
                            .targets(TargetConfig.of("10.0.0.1:80"))
                            .protocol(UpstreamProtocol.HTTP2)
                            .build(),
                    route("db", "db", "backend").build());
            client(TCP_PORT).deliver("hello");
            assertThat(worker.endpoint().sent()).isEqualTo("hello");

            client(TCP_PORT);

            assertThat(worker.connects()).isEqualTo(2);
        }

        @Test
        void neverShareAConnection() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            worker.endpoint();
            client.endInput();
            worker.endpoint().endInput();

            client(TCP_PORT);
            worker.endpoint();

            assertThat(worker.connects()).isEqualTo(2);
        }

        @Test
        void pressBackInBothDirections() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            FakeChannel endpoint = worker.endpoint();

            endpoint.stall();
            client.deliver("x".repeat(Channel.HIGH_WATER_BYTES));
            assertThat(client.isReceiving()).isFalse();
            endpoint.unstall();
            assertThat(client.isReceiving()).isTrue();

            client.stall();
            endpoint.deliver("x".repeat(Channel.HIGH_WATER_BYTES));
            assertThat(endpoint.isReceiving()).isFalse();
            client.unstall();
            assertThat(endpoint.isReceiving()).isTrue();
        }

        @Test
        void areCutAtTheOtherEndWhenOneBreaks() {
            tcp("10.0.0.1:80");
            FakeChannel first = client(TCP_PORT);
            FakeChannel endpoint = worker.endpoint();
            first.fail(CloseCause.RESET);
            assertThat(endpoint.isAborted()).isTrue();

            FakeChannel second = client(TCP_PORT);
            worker.endpoint().fail(CloseCause.RESET);
            assertThat(second.isAborted()).isTrue();
            assertThat(worker.count(Reason.CLIENT_CLOSED)).isEqualTo(1);
            assertThat(worker.count(Reason.UPSTREAM_RESET)).isEqualTo(1);
        }

        @Test
        void areTriedElsewhereWhereAnEndpointCannotBeConnectedTo() {
            tcp("10.0.0.1:80", "10.0.0.2:80");
            FakeChannel client = client(TCP_PORT);
            worker.loop().lastConnect().fail(CloseCause.RESET);
            assertThat(worker.connects()).isEqualTo(2);

            worker.endpoint().deliver("hello");
            assertThat(client.sent()).isEqualTo("hello");

            FakeChannel other = client(TCP_PORT);
            worker.loop().lastConnect().fail(CloseCause.RESET);
            worker.loop().lastConnect().fail(CloseCause.RESET);
            assertThat(other.isAborted()).isTrue();
            assertThat(worker.count(Reason.CONNECT_FAILED)).isEqualTo(1);
        }

        @Test
        void endAfterASilenceAndAfterTheirLifetime() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            FakeChannel endpoint = worker.endpoint();
            worker.advance(Duration.ofSeconds(59));
            endpoint.deliver(".");
            worker.advance(Duration.ofSeconds(59));
            assertThat(client.isOpen()).isTrue();
            worker.advance(Duration.ofSeconds(2));

            assertThat(client.isClosed()).isTrue();
            assertThat(worker.count(Reason.TUNNEL_IDLE)).isEqualTo(1);
        }

        @Test
        void endThoughTheClientTakesNothingOfWhatIsLeft() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            client.stall();
            worker.endpoint().deliver("x".repeat(Channel.HIGH_WATER_BYTES));

            worker.advance(Duration.ofSeconds(61));
            assertThat(worker.count(Reason.TUNNEL_IDLE)).isEqualTo(1);
            client.drain(100);
            worker.advance(Duration.ofSeconds(9));
            assertThat(client.isAborted()).isFalse();

            worker.advance(Duration.ofSeconds(61));
            assertThat(client.isAborted()).isTrue();
            assertThat(worker.count(Counter.CONNECTIONS_OPEN)).isZero();
        }

        @Test
        void goOnWhileTheWorkerDrainsAndEndWithIt() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            FakeChannel endpoint = worker.endpoint();
            worker.drain();
            client.deliver("still here");
            assertThat(endpoint.sent()).isEqualTo("still here");

            worker.close();

            assertThat(client.isClosed()).isTrue();
            assertThat(worker.count(Reason.DRAINING)).isEqualTo(1);
        }

        @Test
        void outliveTheirRoute() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            FakeChannel endpoint = worker.endpoint();

            worker.publish(worker.config().without(ResourceType.ROUTES, "db"));
            client.deliver("still here");
            assertThat(endpoint.sent()).isEqualTo("still here");

            FakeChannel other = client(TCP_PORT);
            assertThat(other.isAborted()).isTrue();
            assertThat(worker.count(Reason.NO_ROUTE)).isEqualTo(1);
        }

        @Test
        void leaveARecord() {
            tcp("10.0.0.1:80");
            FakeChannel client = client(TCP_PORT);
            worker.endpoint().deliver("12345");
            client.deliver("123");
            client.fail(CloseCause.RESET);

            TrailEntry record = worker.records().getFirst();
            assertThat(record.protocol()).isEqualTo("tcp");
            assertThat(record.route()).isEqualTo("db");
            assertThat(record.endpoint()).isEqualTo("10.0.0.1:80");
            assertThat(worker.count(SeriesCounter.ROUTE_BYTES_IN)).isEqualTo(3);
            assertThat(worker.count(SeriesCounter.ROUTE_BYTES_OUT)).isEqualTo(5);
        }
    }

    @Nested
    final class OfWhomTheRouteDoesNotWant {
        @Test
        void areClosedByItsAccessLists() {
            worker.publish(
                    listener("db", TCP_PORT, Protocol.TCP).build(),
                    upstream("backend", "10.0.0.1:80"),
                    route("db", "db", "backend")
                            .access(Setting.of(new AccessConfig(List.of(Cidr.parse("10.0.0.0/8")), List.of())))
                            .build());

            assertThat(client(TCP_PORT).isAborted()).isTrue();
            assertThat(worker.count(Reason.ADDRESS_DENIED)).isEqualTo(1);
            assertThat(worker.connects()).isZero();
        }

        @Test
        void areClosedByItsLimits() {
            worker.publish(
                    listener("db", TCP_PORT, Protocol.TCP).build(),
                    upstream("backend", "10.0.0.1:80"),
                    LimitConfig.named("few", 1).key("clientAddress").build(),
                    route("db", "db", "backend").limits("few").build());

            FakeChannel first = client(TCP_PORT);
            worker.endpoint();
            assertThat(client(TCP_PORT).isAborted()).isTrue();
            assertThat(worker.count(Reason.CONCURRENCY_LIMITED)).isEqualTo(1);

            first.fail(CloseCause.RESET);
            assertThat(client(TCP_PORT).isAborted()).isFalse();
        }
    }

    @Nested
    final class OfTls {
        private void tls() {
            worker.publish(
                    listener("tls", TLS_PORT, Protocol.TLS).build(),
                    upstream("exact", "10.0.0.1:443"),
                    upstream("wild", "10.0.0.2:443"),
                    upstream("rest", "10.0.0.3:443"),
                    route("exact", "tls", "exact", "shop.example").build(),
                    route("wild", "tls", "wild", "*.example").build());
        }

        @ParameterizedTest
        @CsvSource({"shop.example,10.0.0.1", "SHOP.example,10.0.0.1", "other.example,10.0.0.2"})
        void goByTheServerNameAndKeepTheirHello(String name, String address) throws Exception {
            tls();
            byte[] hello = hello(name);
            FakeChannel client = client(TLS_PORT);
            for (byte next : hello) {
                client.deliver(new byte[] {next});
            }
            client.deliver("more");

            FakeChannel endpoint = worker.endpoint();
            assertThat(endpoint.remoteAddress().getAddress().getHostAddress()).isEqualTo(address);
            assertThat(endpoint.sent()).isEqualTo(new String(hello, StandardCharsets.ISO_8859_1) + "more");
        }

        @Test
        void areToldAndClosedWhereNobodyAnswersToTheName() throws Exception {
            tls();
            FakeChannel client = client(TLS_PORT);
            client.deliver(hello("a.b.elsewhere"));

            assertThat(client.sent().chars()).containsExactly(21, 3, 1, 0, 2, 2, 112);
            assertThat(client.isClosed()).isTrue();
            assertThat(worker.count(Reason.SNI_UNMATCHED)).isEqualTo(1);
            assertThat(worker.connects()).isZero();
        }

        @Test
        void goWhereAllOthersGoIfARouteSaysSo() throws Exception {
            tls();
            worker.publish(route("rest", "tls", "rest").build());
            FakeChannel client = client(TLS_PORT);
            client.deliver(hello("a.b.elsewhere"));

            assertThat(worker.endpoint().remoteAddress().getAddress().getHostAddress())
                    .isEqualTo("10.0.0.3");
        }

        @Test
        void areClosedWithoutAHello() {
            tls();
            assertThat(clientThatSends("GET / HTTP/1.1\r\n\r\n").isAborted()).isTrue();
            assertThat(worker.count(Reason.CLIENT_HELLO_INVALID)).isEqualTo(1);

            FakeChannel endless = clientThatSends("\u0016\u0003\u0001@\u0000\u0001\u0000\u00ff\u00ff");
            assertThat(endless.isAborted()).isTrue();

            FakeChannel silent = clientThatSends("\u0016");
            worker.advance(Duration.ofSeconds(6));
            assertThat(silent.isAborted()).isTrue();
            assertThat(worker.count(Reason.CLIENT_HELLO_TIMEOUT)).isEqualTo(1);

            FakeChannel gone = clientThatSends("\u0016");
            gone.endInput();
            assertThat(gone.isOpen()).isFalse();
        }

        private FakeChannel clientThatSends(String bytes) {
            FakeChannel client = client(TLS_PORT);
            client.deliver(bytes);
            return client;
        }
    }
}

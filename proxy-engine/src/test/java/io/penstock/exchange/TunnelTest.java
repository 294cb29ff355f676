package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.DurationText;
import io.penstock.config.RouteTimeouts;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An upgrade: after a 101 that was asked for, both directions are opaque. */
final class TunnelTest {
    private static final String UPGRADE =
            "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String PING = "\u0089\u0000";
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private FakeChannel[] tunnel() {
        return tunnel(worker);
    }

    private static FakeChannel[] tunnel(WorkerHarness worker) {
        FakeChannel client = worker.client(UPGRADE);
        FakeChannel endpoint = worker.endpoint();
        assertThat(endpoint.sent()).contains("Upgrade: websocket\r\n");
        endpoint.deliver(SWITCHED);
        assertThat(client.sent())
                .startsWith("HTTP/1.1 101 ")
                .contains("Upgrade: websocket\r\n")
                .endsWith("\r\n\r\n");
        return new FakeChannel[] {client, endpoint};
    }

    @Test
    void carriesBytesBothWays() {
        FakeChannel[] ends = tunnel();

        ends[0].deliver("ping");
        ends[1].deliver("pong");

        assertThat(ends[1].sent()).isEqualTo("ping");
        assertThat(ends[0].sent()).isEqualTo("pong");
        assertThat(worker.count(Counter.TUNNELS)).isEqualTo(1);
        assertThat(worker.count(Counter.TUNNELS_OPEN)).isEqualTo(1);
        ends[0].fail(CloseCause.RESET);
        assertThat(worker.count(Counter.TUNNELS_OPEN)).isZero();
    }

    @Test
    void carriesWhatTheEndpointSentRightBehindIts101() {
        FakeChannel client = worker.client(UPGRADE);
        worker.endpoint().deliver(SWITCHED + "hello");

        assertThat(client.sent()).endsWith("\r\n\r\nhello");
    }

    @Test
    void outlivesTheTimesThatHoldForRequests() {
        FakeChannel[] ends = tunnel();

        for (int i = 0; i < 4; i++) {
            worker.advance(Duration.ofSeconds(15));
            ends[1].deliver(".");
        }

        assertThat(ends[0].sent()).isEqualTo("....");
        assertThat(ends[0].isOpen()).isTrue();
    }

    @Test
    void goesOnInOneDirectionAfterTheClientHasEndedTheOther() {
        FakeChannel[] ends = tunnel();

        ends[0].endInput();
        assertThat(ends[1].isFinished()).isTrue();
        ends[1].deliver("last words");
        assertThat(ends[0].sent()).isEqualTo("last words");
        ends[1].endInput();

        assertThat(ends[0].isOpen()).isFalse();
        assertThat(worker.exchanges().running()).isZero();
    }

    @Test
    void goesOnInOneDirectionAfterTheEndpointHasEndedTheOther() {
        FakeChannel[] ends = tunnel();

        ends[1].endInput();
        assertThat(ends[0].isFinished()).isTrue();
        ends[0].deliver("last words");
        assertThat(ends[1].sent()).isEqualTo("last words");
        ends[0].endInput();

        assertThat(worker.exchanges().running()).isZero();
        assertThat(worker.loop().lastConnect().isOpen()).isFalse();
    }

    @Test
    void leavesItsExchangeToTheNextRequestOnceBothDirectionsHaveEnded() {
        FakeChannel[] ends = tunnel();
        ends[1].endInput();
        ends[0].endInput();

        // Born again as the exchange of another client, it must hear nothing of the first.
        FakeChannel other = worker.client(GET);
        ends[0].fail(CloseCause.FINISHED);
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        assertThat(other.sent()).endsWith("ok");
    }

    @Test
    void isCutAtTheOtherEndWhenOneBreaks() {
        FakeChannel[] first = tunnel();
        first[0].fail(CloseCause.RESET);
        FakeChannel[] second = tunnel();
        second[1].fail(CloseCause.RESET);

        assertThat(first[1].isAborted()).isTrue();
        assertThat(second[0].isAborted()).isTrue();
        assertThat(worker.exchanges().running()).isZero();
    }

    @Test
    void pressesBackInBothDirections() {
        FakeChannel[] ends = tunnel();
        ends[1].stall();
        ends[0].deliver("x".repeat(Channel.HIGH_WATER_BYTES));
        assertThat(ends[0].isReceiving()).isFalse();
        ends[1].unstall();
        assertThat(ends[0].isReceiving()).isTrue();

        ends[0].stall();
        ends[1].deliver("x".repeat(Channel.HIGH_WATER_BYTES));
        assertThat(ends[1].isReceiving()).isFalse();
        ends[0].unstall();
        assertThat(ends[1].isReceiving()).isTrue();
    }

    @Nested
    final class WhenItsTimeIsOver {
        @Test
        void endsAfterASilenceAsLongAsTheUpstreamsAnswersMayHave() {
            FakeChannel[] ends = tunnel();

            worker.advance(Duration.ofSeconds(59));
            ends[0].deliver(PING);
            worker.advance(Duration.ofSeconds(59));
            assertThat(ends[0].isOpen()).isTrue();
            worker.advance(Duration.ofSeconds(2));

            assertThat(ends[0].isOpen()).isFalse();
            assertThat(worker.count(Reason.TUNNEL_IDLE)).isEqualTo(1);
        }

        @Test
        void isSilentAsLongAsTheRouteSays() {
            WorkerHarness longer = timed("10m", "24h");
            FakeChannel[] ends = tunnel(longer);

            longer.advance(Duration.ofMinutes(9));
            assertThat(ends[0].isOpen()).isTrue();
            longer.advance(Duration.ofMinutes(2));

            assertThat(ends[0].isOpen()).isFalse();
            longer.close();
        }

        @Test
        void lastsNoLongerThanTheRouteSays() {
            WorkerHarness shorter = timed("1m", "90s");
            FakeChannel[] ends = tunnel(shorter);

            for (int i = 0; i < 3; i++) {
                shorter.advance(Duration.ofSeconds(29));
                ends[1].deliver(PING);
                assertThat(ends[0].isOpen()).isTrue();
            }
            shorter.advance(Duration.ofSeconds(5));

            assertThat(ends[0].isOpen()).isFalse();
            assertThat(shorter.count(Reason.TUNNEL_EXPIRED)).isEqualTo(1);
            shorter.close();
        }

        @Test
        void isToldToBothEndsOfAWebSocket() {
            FakeChannel[] ends = tunnel();
            ends[0].deliver(PING);
            ends[1].deliver(PING);
            sent(ends);

            worker.advance(Duration.ofSeconds(61));

            assertThat(bytes(ends[0].sent())).containsExactly(0x88, 2, 0x03, 0xe9);
            int[] masked = bytes(ends[1].sent());
            assertThat(masked).hasSize(8).startsWith(0x88, 0x82);
            assertThat((masked[6] ^ masked[2]) << 8 | (masked[7] ^ masked[3])).isEqualTo(1001);
            assertThat(ends[0].isClosed()).isTrue();
            assertThat(ends[1].isClosed()).isTrue();
        }

        @Test
        void isNotToldInTheMiddleOfAFrame() {
            FakeChannel[] ends = tunnel();
            ends[0].deliver("\u0082\u0085abcdhal");
            ends[1].deliver("\u0082~\u0001");
            sent(ends);

            worker.advance(Duration.ofSeconds(61));

            assertThat(ends[0].sent()).isEmpty();
            assertThat(ends[1].sent()).isEmpty();
            assertThat(ends[0].isClosed()).isTrue();
            assertThat(ends[1].isClosed()).isTrue();
        }

        @Test
        void isNotToldTwice() {
            FakeChannel[] ends = tunnel();
            ends[1].deliver("\u0088\u0002\u0003\u00e8");
            sent(ends);

            worker.advance(Duration.ofSeconds(61));

            assertThat(ends[0].sent()).isEmpty();
            assertThat(ends[1].sent()).hasSize(8);
        }

        @Test
        void isToldWhereTheWorkerStops() {
            FakeChannel[] ends = tunnel();
            worker.drain();
            assertThat(ends[0].isOpen()).isTrue();
            sent(ends);

            worker.close();

            assertThat(ends[0].sent()).hasSize(4);
            assertThat(ends[1].sent()).hasSize(8);
            assertThat(worker.count(Reason.DRAINING)).isEqualTo(1);
        }

        @Test
        void isNotToldToAProtocolThatHasNoWordForIt() {
            WorkerHarness other = WorkerHarness.with(WorkerHarness.route().upgrades("echo"), "10.0.0.1:80");
            FakeChannel client = other.client(UPGRADE.replace("websocket", "echo"));
            FakeChannel endpoint = other.endpoint();
            endpoint.deliver(SWITCHED.replace("websocket", "echo"));
            client.sent();
            endpoint.sent();

            other.advance(Duration.ofSeconds(61));

            assertThat(client.sent()).isEmpty();
            assertThat(endpoint.sent()).isEmpty();
            assertThat(client.isClosed()).isTrue();
            other.close();
        }

        private static WorkerHarness timed(String idle, String lifetime) {
            return WorkerHarness.with(
                    WorkerHarness.route()
                            .timeouts(new RouteTimeouts(
                                    Optional.empty(),
                                    Optional.of(DurationText.parse(idle)),
                                    Optional.of(DurationText.parse(lifetime)))),
                    "10.0.0.1:80");
        }

        private static void sent(FakeChannel[] ends) {
            ends[0].sent();
            ends[1].sent();
        }

        private static int[] bytes(String text) {
            return text.chars().toArray();
        }
    }

    @Nested
    final class WhenItIsAskedFor {
        @Test
        void isRefusedInAProtocolThatTheRouteDoesNotName() {
            FakeChannel client = worker.client(UPGRADE.replace("websocket", "websocket, spdy/3.1"));

            assertThat(client.sent()).startsWith("HTTP/1.1 403 ").contains("X-Penstock-Reason: upgrade-refused\r\n");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void isRefusedWhereTheRouteAllowsNone() {
            WorkerHarness none = WorkerHarness.with(WorkerHarness.route().upgrades(), "10.0.0.1:80");

            assertThat(none.client(UPGRADE).sent()).startsWith("HTTP/1.1 403 ");
            none.close();
        }

        @ParameterizedTest
        @ValueSource(strings = {"Content-Length: 2\r\n\r\nhi", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"})
        void isRefusedWithABody(String rest) {
            FakeChannel client = worker.client(UPGRADE.substring(0, UPGRADE.length() - 2) + rest);

            assertThat(client.sent()).startsWith("HTTP/1.1 400 ").contains("X-Penstock-Reason: bad-upgrade\r\n");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void isRefusedForAWebSocketByAnotherMethod() {
            FakeChannel client = worker.client(UPGRADE.replace("GET", "POST"));

            assertThat(client.sent()).startsWith("HTTP/1.1 400 ").contains("X-Penstock-Reason: bad-upgrade\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"h2c", "TLS/1.2", "websocket, TLS/1.0"})
        void isNotHeededForWhatNobodyCouldCheck(String protocol) {
            worker.client(UPGRADE.replace("websocket", protocol));

            assertThat(worker.endpoint().sent())
                    .startsWith("GET /chat HTTP/1.1\r\n")
                    .doesNotContain("Upgrade");
        }

        @Test
        void passesSubprotocolsExtensionsAndKeysAsTheyAre() {
            String fields = lines(
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Protocol: chat, superchat",
                    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
            String answer = lines(
                    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                    "Sec-WebSocket-Protocol: chat",
                    "Sec-WebSocket-Extensions: permessage-deflate");
            FakeChannel client = worker.client(UPGRADE.substring(0, UPGRADE.length() - 2) + fields + "\r\n");
            assertThat(worker.endpoint().sent()).contains(fields);

            worker.endpoint().deliver(SWITCHED.substring(0, SWITCHED.length() - 2) + answer + "\r\n");

            assertThat(client.sent()).contains(answer);
        }

        private static String lines(String... fields) {
            return String.join("\r\n", fields) + "\r\n";
        }

        @Test
        void holdsWhatTheClientSendsEarly() {
            FakeChannel client = worker.client(UPGRADE + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(worker.endpoint().sent()).doesNotContain("smuggled");

            worker.endpoint().deliver(SWITCHED);

            assertThat(worker.endpoint().sent()).startsWith("GET /smuggled ");
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void isNotMadeWithAProtocolThatNobodyAskedFor() {
            FakeChannel client = worker.client(UPGRADE);
            worker.endpoint().deliver(SWITCHED.replace("websocket", "echo"));

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("X-Penstock-Reason: upstream-protocol\r\n");
            assertThat(worker.endpoint().isAborted()).isTrue();
        }
    }

    @Test
    void isNotMadeWhereTheEndpointDeclines() {
        FakeChannel client = worker.client(UPGRADE);
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");

        assertThat(client.sent()).endsWith("no");
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void isNotMadeWhereNobodyAskedForIt() {
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(SWITCHED);

        assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("X-Penstock-Reason: upstream-protocol\r\n");
        assertThat(worker.endpoint().isAborted()).isTrue();
    }
}

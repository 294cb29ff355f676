package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Counter;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An upgrade: after a 101 that was asked for, both directions are opaque. */
final class TunnelTest {
    private static final String UPGRADE =
            "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private FakeChannel[] tunnel() {
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

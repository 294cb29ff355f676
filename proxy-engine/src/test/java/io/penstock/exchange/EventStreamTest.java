package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.RouteTimeouts;
import io.penstock.metrics.Reason;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Server-sent events: each passes at once, for as long as there are any. */
final class EventStreamTest {
    private static final String GET = "GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n";
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final WorkerHarness worker = WorkerHarness.with(
            WorkerHarness.route().timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(5)))), "10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    @Test
    void passesEachEventByItselfAndOutlivesTheTotalTimeout() {
        FakeChannel client = worker.client(GET);
        FakeChannel endpoint = worker.endpoint();
        endpoint.deliver(HEAD);
        assertThat(client.sent()).contains("Content-Type: text/event-stream; charset=utf-8\r\n");

        for (int i = 0; i < 5; i++) {
            String event = "data: " + i + "\n\n";
            endpoint.deliver(chunk(event));
            // Seen before the next is sent.
            assertThat(client.sent()).isEqualTo(chunk(event));
            worker.advance(Duration.ofSeconds(30));
        }
        endpoint.deliver("0\r\n\r\n");

        assertThat(client.sent()).isEqualTo("0\r\n\r\n");
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void endsAfterASilenceAsLongAsTheUpstreamsIdleTime() {
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(HEAD + chunk("data: 1\n\n"));

        worker.advance(Duration.ofSeconds(61));

        assertThat(client.isOpen()).isFalse();
        assertThat(worker.count(Reason.UPSTREAM_IDLE_TIMEOUT)).isEqualTo(1);
        assertThat(worker.count(Reason.TOTAL_TIMEOUT)).isZero();
    }

    @Test
    void isStillHeldToTheTotalTimeoutUntilItBegins() {
        FakeChannel client = worker.client(GET);
        worker.endpoint();

        worker.advance(Duration.ofSeconds(6));

        assertThat(client.sent()).startsWith("HTTP/1.1 504 ");
        assertThat(worker.count(Reason.TOTAL_TIMEOUT)).isEqualTo(1);
    }
}

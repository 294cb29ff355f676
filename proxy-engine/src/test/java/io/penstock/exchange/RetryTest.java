package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a request is sent again, and when its client has to be told. */
final class RetryTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private static String with(String method, String body) {
        return method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** A connection waits in the pool that has served a request. */
    private FakeChannel pooled() {
        worker.client(GET);
        FakeChannel endpoint = worker.endpoint();
        endpoint.deliver(OK);
        endpoint.sent();
        return endpoint;
    }

    @Test
    void sendsAGetAgainWhenThePooledConnectionTurnsOutToBeClosed() {
        FakeChannel stale = pooled();
        FakeChannel client = worker.client(GET);

        stale.endInput();
        worker.endpoint().deliver(OK);

        assertThat(worker.connects()).isEqualTo(2);
        assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
        assertThat(worker.count(Counter.RETRIES)).isEqualTo(1);
    }

    @Test
    void sendsAPutAgainWithWhatWasAlreadySentOfItsBody() {
        FakeChannel stale = pooled();
        FakeChannel client = worker.client("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
        assertThat(stale.sent()).endsWith("hello");

        stale.fail(CloseCause.RESET);
        FakeChannel fresh = worker.endpoint();
        client.deliver("world");

        assertThat(fresh.sent()).startsWith("PUT / ").endsWith("\r\n\r\nhelloworld");
        fresh.deliver(OK);
        assertThat(client.sent()).endsWith("ok");
    }

    @Test
    void sendsAWholePutAgain() {
        FakeChannel stale = pooled();
        FakeChannel client = worker.client(with("PUT", "hello"));

        stale.fail(CloseCause.RESET);

        assertThat(worker.endpoint().sent()).endsWith("\r\n\r\nhello");
        worker.endpoint().deliver(OK);
        assertThat(client.sent()).endsWith("ok");
    }

    @Test
    void doesNotSendAPutAgainWhoseBodyIsTooLongToBeKept() {
        FakeChannel stale = pooled();
        FakeChannel client = worker.client(with("PUT", "x".repeat(70_000)));

        stale.fail(CloseCause.RESET);

        assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("X-Penstock-Reason: upstream-reset\r\n");
        assertThat(worker.connects()).isEqualTo(1);
    }

    @Test
    void doesNotSendAPostAgain() {
        FakeChannel stale = pooled();
        FakeChannel client = worker.client(with("POST", "hello"));

        stale.endInput();

        assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("X-Penstock-Reason: upstream-reset\r\n");
        assertThat(worker.connects()).isEqualTo(1);
    }

    @Test
    void doesNotSendAGetAgainThatAFreshConnectionLost() {
        FakeChannel client = worker.client(GET);

        worker.endpoint().endInput();

        assertThat(client.sent()).startsWith("HTTP/1.1 502 ");
        assertThat(worker.connects()).isEqualTo(1);
    }

    @Test
    void doesNotSendAGetAgainOnceItsAnswerHasBegun() {
        FakeChannel stale = pooled();
        FakeChannel client = worker.client(GET);
        stale.deliver("HTTP/1.1 200");

        stale.endInput();

        assertThat(client.sent()).startsWith("HTTP/1.1 502 ");
        assertThat(worker.connects()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void goesToTheNextEndpointWhereOneCannotBeReached(String method) {
        worker.close();
        worker = WorkerHarness.to("10.0.0.1:80", "10.0.0.2:81");
        FakeChannel client = worker.client(with(method, "hello"));

        worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);
        assertThat(worker.connects()).isEqualTo(2);
        assertThat(worker.loop().connects().get(0).remoteAddress())
                .isNotEqualTo(worker.loop().connects().get(1).remoteAddress());
        assertThat(worker.endpoint().sent()).endsWith("\r\n\r\nhello");
        worker.endpoint().deliver(OK);

        assertThat(client.sent()).endsWith("ok");
    }

    @Test
    void tellsTheClientWhereNoEndpointCanBeReached() {
        worker.close();
        worker = WorkerHarness.to("10.0.0.1:80", "10.0.0.2:81");
        FakeChannel client = worker.client(GET);

        worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);
        worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);

        assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("X-Penstock-Reason: connect-failed\r\n");
        assertThat(client.isOpen()).isTrue();
        assertThat(worker.connects()).isEqualTo(2);
        assertThat(worker.upstreamPermits()).isZero();
    }

    @Test
    void tellsTheClientWhereTheEndpointIsSilent() {
        FakeChannel client = worker.client(GET);
        worker.endpoint();

        worker.advance(Duration.ofSeconds(31));

        assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("X-Penstock-Reason: first-byte-timeout\r\n");
        assertThat(worker.count(Reason.FIRST_BYTE_TIMEOUT)).isEqualTo(1);
    }

    @Test
    void tellsTheClientWhereTheAnswerBreaksHttp() {
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");

        assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("X-Penstock-Reason: upstream-protocol\r\n");
        assertThat(worker.endpoint().isAborted()).isTrue();
    }
}

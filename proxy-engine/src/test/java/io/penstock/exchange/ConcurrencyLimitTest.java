package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.LimitConfig;
import io.penstock.config.Rate;
import io.penstock.config.RouteTimeouts;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailSteps;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A place of a concurrency limit is held from the limits to the end of the exchange, and given back once, whatever ends it. */
final class ConcurrencyLimitTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private WorkerHarness worker = new WorkerHarness();

    /** The harness asserts at its close that no permit is left. */
    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve(LimitConfig.Builder limit) {
        worker = WorkerHarness.with(
                WorkerHarness.route().timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(5)))), "10.0.0.1:80");
        worker.publish(
                limit.build(),
                WorkerHarness.route()
                        .timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(5))))
                        .limits("at-once")
                        .build());
    }

    private static LimitConfig.Builder atOnce(int concurrency) {
        return LimitConfig.named("at-once", concurrency).key("clientAddress");
    }

    private void assertThatOneIsFree() {
        FakeChannel next = worker.client(GET);
        worker.endpoint().deliver(OK);
        assertThat(next.sent()).startsWith("HTTP/1.1 200");
    }

    @Test
    void refusesWhatIsMoreThanMayBeUnderWay() {
        serve(atOnce(2));
        worker.client(GET);
        worker.client(GET);

        String refused = worker.client(GET).sent();

        assertThat(refused)
                .startsWith("HTTP/1.1 429 ")
                .contains("X-Penstock-Reason: concurrency-limited\r\n")
                .contains("Retry-After: 1\r\n");
        assertThat(worker.count(Reason.CONCURRENCY_LIMITED)).isEqualTo(1);
        worker.endpoint().deliver(OK);
        assertThatOneIsFree();
        assertThat(worker.records())
                .anySatisfy(record -> assertThat(record.steps()).anySatisfy(step -> {
                    assertThat(step.kind()).isEqualTo(TrailSteps.Kind.LIMIT);
                    assertThat(step.detail()).isEqualTo("at-once");
                }));
    }

    @Test
    void isGivenBackWhenTheClientGoesAway() {
        serve(atOnce(1));
        worker.client(GET).fail(CloseCause.RESET);

        assertThatOneIsFree();
    }

    @Test
    void isGivenBackWhenTheEndpointBreaksOff() {
        serve(atOnce(1));
        FakeChannel first = worker.client(GET);
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        worker.endpoint().fail(CloseCause.RESET);
        assertThat(first.isAborted()).isTrue();

        assertThatOneIsFree();
    }

    @Test
    void isGivenBackAtATimeout() {
        serve(atOnce(1));
        FakeChannel first = worker.client(GET);
        worker.advance(Duration.ofSeconds(6));
        assertThat(first.sent()).startsWith("HTTP/1.1 504");

        assertThatOneIsFree();
    }

    @Test
    void isGivenBackWhenALaterLimitRefuses() {
        serve(atOnce(1).rate(Rate.parse("1/s")).burst(1));
        assertThatOneIsFree();

        String refused = worker.client(GET).sent();

        assertThat(refused).contains("rate-limited");
        worker.advance(Duration.ofSeconds(2));
        assertThatOneIsFree();
    }

    @Test
    void isHeldByATunnelUntilItEnds() {
        serve(atOnce(1));
        FakeChannel tunnel =
                worker.client("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        worker.endpoint()
                .deliver("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");

        assertThat(worker.client(GET).sent()).contains("concurrency-limited");
        tunnel.fail(CloseCause.RESET);
        assertThatOneIsFree();
    }

    @Test
    void survivesAChangeOfTheConfig() {
        serve(atOnce(1));
        worker.client(GET);

        worker.publish(atOnce(2).build());
        FakeChannel second = worker.client(GET);
        assertThat(worker.client(GET).sent()).contains("concurrency-limited");

        second.fail(CloseCause.RESET);
    }
}

package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.Bandwidth;
import io.penstock.config.BandwidthConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.Rate;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.TrailSteps;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies are paced to the bandwidth of their key, by a clock that the test advances. */
final class BandwidthTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final int BODY = 1_000_000;
    private static final String PART = "x".repeat(20_000);
    private static final Duration TICK = Duration.ofMillis(16);

    /** A million bytes a second. */
    private static final Bandwidth MEGABYTE = Bandwidth.parse("8Mbit/s");

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve(BandwidthConfig bandwidth) {
        worker = WorkerHarness.to("10.0.0.1:80");
        worker.publish(
                LimitConfig.named("line", bandwidth).key("clientAddress").build(),
                WorkerHarness.route().limits("line").build());
    }

    private FakeChannel answering(FakeChannel client) {
        FakeChannel endpoint = worker.endpoint();
        endpoint.deliver("HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n");
        assertThat(client.sent()).startsWith("HTTP/1.1 200");
        return endpoint;
    }

    // Delivers while the gateway reads. @return how many bytes it took
    private static int deliver(FakeChannel from, int most) {
        int taken = 0;
        while (from.isReceiving() && taken < most) {
            from.deliver(PART);
            taken += PART.length();
        }
        return taken;
    }

    @Test
    void passesAnAnswerAtItsBandwidthAndLosesNothing() {
        serve(BandwidthConfig.ofResponses(MEGABYTE));
        FakeChannel client = worker.client(GET);
        FakeChannel endpoint = answering(client);

        int passed = 0;
        int ticks = 0;
        int received = 0;
        while (passed < BODY) {
            passed += deliver(endpoint, BODY - passed);
            received += client.sent().length();
            worker.advance(TICK);
            ticks++;
        }

        assertThat(ticks * TICK.toMillis()).isBetween(920L, 1030L);
        assertThat(received).isEqualTo(BODY);
    }

    @Test
    void passesABodyOfARequestAtItsBandwidth() {
        serve(BandwidthConfig.ofRequests(MEGABYTE));
        FakeChannel client = worker.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + BODY + "\r\n\r\n");
        worker.endpoint();

        int passed = 0;
        int ticks = 0;
        while (passed < BODY) {
            passed += deliver(client, BODY - passed);
            worker.advance(TICK);
            ticks++;
        }
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        assertThat(ticks * TICK.toMillis()).isBetween(920L, 1030L);
        assertThat(client.sent()).startsWith("HTTP/1.1 200");
    }

    @Test
    void letsExchangesOfOneKeyTakeTurns() {
        serve(BandwidthConfig.ofResponses(MEGABYTE));
        FakeChannel firstClient = worker.client(GET);
        FakeChannel first = answering(firstClient);
        FakeChannel secondClient = worker.client(GET);
        FakeChannel second = answering(secondClient);

        int ofFirst = 0;
        int ofSecond = 0;
        for (int i = 0; i < 60; i++) {
            ofFirst += deliver(first, PART.length());
            ofSecond += deliver(second, PART.length());
            worker.advance(TICK);
        }

        assertThat(ofFirst + ofSecond).isBetween(900_000, 1_060_000);
        assertThat(Math.abs(ofFirst - ofSecond)).isLessThanOrEqualTo(3 * PART.length());
        firstClient.fail(CloseCause.RESET);
        secondClient.fail(CloseCause.RESET);
    }

    @Test
    void goesOnAtOnceWhereTheKeyIsAnother() {
        serve(BandwidthConfig.ofRequests(MEGABYTE));
        FakeChannel client = worker.client(GET);
        FakeChannel endpoint = answering(client);

        assertThat(deliver(endpoint, BODY)).isEqualTo(BODY);
        assertThat(client.sent()).hasSize(BODY);
    }

    @Test
    void forgetsAnExchangeThatEndsWhileItsBodyWaits() {
        serve(BandwidthConfig.ofResponses(MEGABYTE));
        FakeChannel client = worker.client(GET);
        FakeChannel endpoint = answering(client);
        deliver(endpoint, BODY);
        assertThat(endpoint.isReceiving()).isFalse();

        client.fail(CloseCause.RESET);
        worker.advance(Duration.ofSeconds(2));

        assertThat(endpoint.isAborted()).isTrue();
    }

    @Test
    void letsNobodyPassByAskingForMuchInSmallPieces() {
        serve(BandwidthConfig.ofResponses(MEGABYTE));
        int ticks = 0;

        for (int i = 0; i < BODY / PART.length(); i++) {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: " + PART.length() + "\r\n\r\n" + PART);
            StringBuilder answer = new StringBuilder(client.sent());
            while (!answer.toString().endsWith(PART)) {
                worker.advance(TICK);
                ticks++;
                answer.append(client.sent());
            }
        }

        assertThat(ticks * TICK.toMillis()).isBetween(900L, 1060L);
    }

    @Test
    void letsASmallAnswerPassAtOnceWhereNobodyHasUsedTheBandwidth() {
        serve(BandwidthConfig.ofResponses(MEGABYTE));
        FakeChannel client = worker.client(GET);

        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        assertThat(client.sent()).endsWith("ok");
        assertThat(worker.count(SeriesCounter.LIMIT_PACED_BYTES)).isEqualTo(2);
        assertThat(worker.count(SeriesCounter.LIMIT_PACE_WAITS)).isZero();
    }

    @Test
    void goesOnWithWhatWasUsedWhenTheConfigurationChanges() {
        serve(BandwidthConfig.ofResponses(MEGABYTE));
        FakeChannel first = worker.client(GET);
        FakeChannel endpoint = answering(first);
        deliver(endpoint, BODY);
        first.fail(CloseCause.RESET);

        worker.publish(LimitConfig.named("other", Rate.parse("1/s")).build());
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        assertThat(client.sent()).startsWith("HTTP/1.1 200").doesNotEndWith("ok");
        worker.advance(TICK.multipliedBy(4));
        assertThat(client.sent()).isEqualTo("ok");
    }

    @Test
    void tellsInTheTrailAndByCountersThatABodyHadToWait() {
        serve(BandwidthConfig.ofResponses(MEGABYTE));
        FakeChannel client = worker.client(GET);
        FakeChannel endpoint = answering(client);
        deliver(endpoint, BODY);
        worker.advance(TICK);
        client.fail(CloseCause.RESET);

        assertThat(worker.count(SeriesCounter.LIMIT_PACE_WAITS)).isPositive();
        assertThat(worker.count(SeriesCounter.LIMIT_PACED_MILLIS)).isPositive();
        assertThat(worker.records().getFirst().steps()).anySatisfy(step -> {
            assertThat(step.kind()).isEqualTo(TrailSteps.Kind.LIMIT);
            assertThat(step.verdict()).isEqualTo(TrailSteps.Verdict.SUSPENDED);
            assertThat(step.detail()).isEqualTo("line");
        });
    }
}

package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AdaptiveConfig;
import io.penstock.config.BreakerConfig;
import io.penstock.config.CircuitConfig;
import io.penstock.config.RetryConfig;
import io.penstock.config.Share;
import io.penstock.config.UpstreamConfig;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What an upstream's circuit lets through. */
final class CircuitTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String BUSY = "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private static UpstreamConfig.Builder upstream() {
        return WorkerHarness.upstream("10.0.0.1:80");
    }

    private void circuit(CircuitConfig circuit) {
        worker.publish(upstream().circuit(circuit).build());
    }

    private static CircuitConfig requests(int max) {
        return new CircuitConfig(Optional.of(max), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static CircuitConfig breaker() {
        return new CircuitConfig(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(
                        new BreakerConfig(Share.parse("50%"), Duration.ofSeconds(10), 4, Duration.ofSeconds(5), 1)));
    }

    /** The connection that has been asked something answers. */
    private void answer(String text) {
        worker.endpoint();
        for (FakeChannel endpoint : worker.loop().connects()) {
            if (endpoint.isOpen() && endpoint.sent().contains("GET ")) {
                endpoint.deliver(text);
                return;
            }
        }
        throw new AssertionError("no endpoint was asked");
    }

    private String whole(String answer) {
        FakeChannel client = worker.client(GET);
        answer(answer);
        return client.sent();
    }

    @Nested
    final class OfRequests {
        @Test
        void refusesOneMoreThanMayBeUnderWay() {
            circuit(requests(1));
            FakeChannel first = worker.client(GET);

            assertThat(worker.client(GET).sent())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("X-Penstock-Reason: upstream-requests-full\r\n");

            answer(OK);
            assertThat(first.sent()).endsWith("ok");
            assertThat(whole(OK)).endsWith("ok");
        }

        @Test
        void givesThePlaceOfAClientThatWentAwayToAnother() {
            circuit(requests(1));
            worker.client(GET).fail(CloseCause.RESET);

            FakeChannel second = worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(second.sent()).endsWith("ok");
        }

        @Test
        void givesThePlaceOfOneThatFailedToAnother() {
            circuit(requests(1));
            worker.client(GET);
            worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);

            assertThat(whole(OK)).endsWith("ok");
        }

        @Test
        void countsOnlyWhatBeganWhileItWasCounted() {
            FakeChannel early = worker.client(GET);
            circuit(requests(1));
            FakeChannel counted = worker.client(GET);
            circuit(CircuitConfig.DEFAULTS);

            worker.loop().connects().forEach(FakeChannel::open);
            worker.loop().connects().forEach(endpoint -> endpoint.deliver(OK));
            worker.loop().connects().forEach(FakeChannel::sent);

            assertThat(early.sent()).endsWith("ok");
            assertThat(counted.sent()).endsWith("ok");
            circuit(requests(1));
            assertThat(whole(OK)).endsWith("ok");
        }
    }

    @Nested
    final class OfRequestsThatIsLearned {
        private CircuitConfig learned(int min, int max) {
            return new CircuitConfig(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(new AdaptiveConfig(min, max, Share.parse("50%"))),
                    Optional.empty());
        }

        @Test
        void refusesOneMoreThanMayBeUnderWayAndSaysWhenToComeAgain() {
            circuit(learned(1, 1));
            FakeChannel first = worker.client(GET);

            assertThat(worker.client(GET).sent())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("X-Penstock-Reason: upstream-limit-reached\r\n")
                    .contains("Retry-After: 1\r\n");

            answer(OK);
            assertThat(first.sent()).endsWith("ok");
            assertThat(whole(OK)).endsWith("ok");
        }

        @Test
        void beginsAnewWhereItIsTakenOutAndPutBack() {
            circuit(learned(1, 1));
            worker.client(GET);
            circuit(CircuitConfig.DEFAULTS);
            FakeChannel second = worker.client(GET);
            worker.loop().connects().forEach(FakeChannel::open);
            worker.loop().connects().forEach(endpoint -> endpoint.deliver(OK));
            worker.loop().connects().forEach(FakeChannel::sent);

            circuit(learned(1, 1));

            assertThat(second.sent()).endsWith("ok");
            assertThat(whole(OK)).endsWith("ok");
        }
    }

    @Nested
    final class ThatIsOpen {
        private void open() {
            circuit(breaker());
            for (int i = 0; i < 4; i++) {
                assertThat(whole(BUSY)).startsWith("HTTP/1.1 500 ");
            }
        }

        @Test
        void refusesAtOnceAndSaysUntilWhen() {
            open();

            assertThat(worker.client(GET).sent())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("X-Penstock-Reason: circuit-open\r\n")
                    .contains("Retry-After: 5\r\n");
            assertThat(worker.count(Reason.CIRCUIT_OPEN)).isEqualTo(1);
            assertThat(worker.count(Counter.CIRCUITS_OPENED)).isEqualTo(1);
        }

        @Test
        void closesWithATrialThatSucceeds() {
            open();
            worker.advance(Duration.ofSeconds(6));
            FakeChannel trial = worker.client(GET);
            assertThat(worker.client(GET).sent()).contains("circuit-open");

            answer(OK);

            assertThat(trial.sent()).endsWith("ok");
            assertThat(whole(OK)).endsWith("ok");
            assertThat(whole(OK)).endsWith("ok");
        }

        @Test
        void staysOpenWithATrialThatFails() {
            open();
            worker.advance(Duration.ofSeconds(6));

            assertThat(whole(BUSY)).startsWith("HTTP/1.1 500 ");

            assertThat(worker.client(GET).sent()).contains("circuit-open");
            assertThat(worker.count(Counter.CIRCUITS_OPENED)).isEqualTo(2);
        }

        @Test
        void letsAnotherTrialPassWhenTheClientOfOneWentAway() {
            open();
            worker.advance(Duration.ofSeconds(6));
            worker.client(GET).fail(CloseCause.RESET);

            assertThat(whole(OK)).endsWith("ok");
            assertThat(whole(OK)).endsWith("ok");
        }

        @Test
        void staysSoWhenSomethingElseChanges() {
            open();

            worker.publish(upstream().circuit(breaker()).note("changed").build());

            assertThat(worker.client(GET).sent()).contains("circuit-open");
        }

        @Test
        void letsEverythingThroughOnceItIsTakenAway() {
            open();

            circuit(CircuitConfig.DEFAULTS);

            assertThat(whole(OK)).endsWith("ok");
            circuit(breaker());
            assertThat(whole(OK)).endsWith("ok");
        }

        @Test
        void isNotAskedAgainForTheSameRequest() {
            worker.publish(WorkerHarness.upstream("10.0.0.1:80", "10.0.0.2:81")
                    .circuit(breaker())
                    .retries(RetryConfig.builder().when("500").attempts(10).build())
                    .build());
            FakeChannel client = worker.client(GET);

            for (int i = 0; i < 4; i++) {
                answer(BUSY);
                worker.advance(Duration.ofMillis(300));
            }

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ");
        }
    }

    @Nested
    final class OfFurtherTries {
        @Test
        void makesNoneBeyondThoseThatMayBeUnderWay() {
            worker.publish(WorkerHarness.upstream("10.0.0.1:80", "10.0.0.2:81")
                    .circuit(new CircuitConfig(Optional.empty(), Optional.of(1), Optional.empty(), Optional.empty()))
                    .retries(RetryConfig.builder().when("500").build())
                    .build());
            FakeChannel first = worker.client(GET);
            answer(BUSY);
            FakeChannel again = worker.endpoint();
            again.sent();
            FakeChannel second = worker.client(GET);

            answer(BUSY);

            assertThat(second.sent()).startsWith("HTTP/1.1 500 ");
            again.deliver(OK);
            assertThat(first.sent()).endsWith("ok");
        }
    }
}

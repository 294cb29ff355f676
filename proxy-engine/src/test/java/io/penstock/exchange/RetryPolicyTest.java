package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ByteSize;
import io.penstock.config.RetryCondition;
import io.penstock.config.RetryConfig;
import io.penstock.config.RouteRetries;
import io.penstock.config.RouteTimeouts;
import io.penstock.config.UpstreamConfig;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a request is sent again because the operator wants it so. */
final class RetryPolicyTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

    private WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void retries(RetryConfig.Builder retries, String... targets) {
        worker.close();
        worker = WorkerHarness.to(targets);
        worker.publish(WorkerHarness.upstream(targets).retries(retries.build()).build());
    }

    private static RetryConfig.Builder on(String... when) {
        return RetryConfig.builder().when(when);
    }

    private static String with(String method, String more, String body) {
        return method + " / HTTP/1.1\r\nHost: a\r\n" + more + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private List<String> steps() {
        List<String> steps = new ArrayList<>();
        TrailEntry entry = worker.records().getFirst();
        entry.steps().forEach(step -> steps.add(step.kind() + " " + step.verdict() + " " + step.detail()));
        return steps;
    }

    @Nested
    final class AfterAnAnswer {
        @Test
        void asksAnotherEndpointAndTheClientSeesOnlyItsAnswer() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);
            FakeChannel first = worker.endpoint();

            first.deliver(BUSY);
            FakeChannel second = worker.endpoint();

            assertThat(second.remoteAddress()).isNotEqualTo(first.remoteAddress());
            assertThat(client.sent()).isEmpty();
            second.deliver(OK);
            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
            assertThat(worker.count(Counter.RETRIES_AFTER_STATUS)).isEqualTo(1);
            assertThat(steps()).contains("ANSWER FAILED 503", "UPSTREAM RETRIED ", "ANSWER PASSED ");
        }

        @Test
        void keepsTheConnectionOfAShortAnswer() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            worker.client(GET);
            FakeChannel first = worker.endpoint();
            first.deliver("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbu");
            worker.endpoint().deliver(OK);
            assertThat(worker.count(Counter.UPSTREAM_CONNECTIONS_IDLE)).isEqualTo(1);

            first.deliver("sy");

            assertThat(first.isOpen()).isTrue();
            assertThat(worker.count(Counter.UPSTREAM_CONNECTIONS_IDLE)).isEqualTo(2);
        }

        @Test
        void closesTheConnectionOfALongAnswer() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            worker.client(GET);
            FakeChannel first = worker.endpoint();

            first.deliver("HTTP/1.1 503 Busy\r\nContent-Length: 1000000\r\n\r\nbusy");

            assertThat(first.isAborted()).isTrue();
            worker.endpoint().deliver(OK);
        }

        @Test
        void leavesTheLastAnswerToTheClient() {
            retries(on("5xx").attempts(1), "10.0.0.1:80", "10.0.0.2:81", "10.0.0.3:82");
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(BUSY);

            worker.endpoint().deliver("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ");
            assertThat(worker.connects()).isEqualTo(2);
            assertThat(steps()).contains("UPSTREAM REFUSED attempts used up");
        }

        @Test
        void leavesAnswersThatAreNotNamedToTheClient() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);

            worker.endpoint().deliver("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ");
            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void asksTheSameEndpointAfterAPauseWhereThereIsNoOther() {
            retries(on("503").backoff(Duration.ofMillis(100), Duration.ofMillis(100)), "10.0.0.1:80");
            FakeChannel client = worker.client(GET);
            FakeChannel endpoint = worker.endpoint();
            endpoint.sent();

            endpoint.deliver(BUSY);
            worker.advance(Duration.ofMillis(120));

            assertThat(endpoint.sent()).startsWith("GET / ");
            endpoint.deliver(OK);
            assertThat(client.sent()).endsWith("ok");
            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void leavesAnEndpointAloneThatAsksForIt() {
            retries(on("503"), "10.0.0.1:80");
            FakeChannel client = worker.client(GET);

            worker.endpoint().deliver("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1\r\n");
            assertThat(steps()).contains("UPSTREAM REFUSED Retry-After");
        }

        @Test
        void comesBackWhenAnEndpointAskedForAPauseThatIsShortEnough() {
            retries(on("503").backoff(Duration.ofMillis(10), Duration.ofSeconds(2)), "10.0.0.1:80");
            FakeChannel client = worker.client(GET);
            FakeChannel endpoint = worker.endpoint();
            endpoint.sent();
            endpoint.deliver("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");

            worker.advance(Duration.ofMillis(990));
            assertThat(endpoint.sent()).isEmpty();
            worker.advance(Duration.ofMillis(40));

            assertThat(endpoint.sent()).startsWith("GET / ");
            endpoint.deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void asksAnotherEndpointWhateverRetryAfterSays() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 503 Busy\r\nRetry-After: tomorrow\r\nContent-Length: 0\r\n\r\n");

            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void goesOnWithTheBodyOfARequestThatIsStillArriving() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");

            worker.endpoint().deliver(BUSY);
            FakeChannel second = worker.endpoint();
            client.deliver("world");

            assertThat(second.sent()).endsWith("\r\n\r\nhelloworld");
            second.deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void doesNotSendAgainWhatIsTooLongToBeKept() {
            retries(on("503").bufferBytes(new ByteSize(4)), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(with("PUT", "", "hello"));

            worker.endpoint().deliver(BUSY);

            assertThat(client.sent()).startsWith("HTTP/1.1 503 Busy\r\n").endsWith("busy");
            assertThat(steps()).contains("UPSTREAM REFUSED body not kept");
        }
    }

    @Nested
    final class OfARequestThatMayHaveHadItsEffect {
        @Test
        void isNotMadeForAPost() {
            retries(on("503", "reset", "timeout"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(with("POST", "", "hello"));

            worker.endpoint().deliver(BUSY);

            assertThat(client.sent()).startsWith("HTTP/1.1 503 ");
            assertThat(worker.connects()).isEqualTo(1);
            assertThat(steps()).contains("UPSTREAM REFUSED not repeatable");
        }

        @Test
        void isMadeForAPostWithAnIdempotencyKey() {
            retries(on("reset"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(with("POST", "Idempotency-Key: 7\r\n", "hello"));
            worker.endpoint().fail(CloseCause.RESET);

            assertThat(worker.endpoint().sent())
                    .contains("Idempotency-Key: 7\r\n")
                    .endsWith("hello");

            worker.endpoint().deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }

        @ParameterizedTest
        @ValueSource(strings = {"all", "POST"})
        void isMadeForAPostWhereTheOperatorSaysSo(String methods) {
            retries(on("503").methods(methods), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(with("POST", "", "hello"));
            worker.endpoint().deliver(BUSY);

            assertThat(worker.endpoint().sent()).endsWith("hello");

            worker.endpoint().deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void isNotMadeForAMethodThatIsNotNamed() {
            retries(on("503").methods("HEAD"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);

            worker.endpoint().deliver(BUSY);

            assertThat(client.sent()).startsWith("HTTP/1.1 503 ");
        }
    }

    @Nested
    final class AfterAFailure {
        @Test
        void goesToAnotherEndpointWhenTheConnectionIsLost() {
            retries(on("reset"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);

            worker.endpoint().endInput();
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
            assertThat(worker.count(Counter.RETRIES_AFTER_RESET)).isEqualTo(1);
        }

        @Test
        void goesToAnotherEndpointWhenAHalfHeadIsLost() {
            retries(on("reset"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nX-Fir");

            worker.endpoint().fail(CloseCause.RESET);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("X-Fir");
        }

        @Test
        void isNotMadeOnceTheHeadHasLeft() {
            retries(on("reset"), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");

            worker.endpoint().fail(CloseCause.RESET);

            assertThat(client.sent()).endsWith("hello");
            assertThat(client.isAborted()).isTrue();
            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void isNotMadeWhereNoAttemptIsAllowed() {
            retries(RetryConfig.builder().attempts(0), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);

            worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);

            assertThat(client.sent()).contains("X-Penstock-Reason: connect-failed\r\n");
            assertThat(worker.connects()).isEqualTo(1);
        }
    }

    @Nested
    final class WithinATimeForEachTry {
        private static final Duration TRY = Duration.ofMillis(200);

        @Test
        void endsATryThatTakesTooLong() {
            retries(RetryConfig.builder().perTryTimeout(TRY), "10.0.0.1:80");
            FakeChannel client = worker.client(GET);
            FakeChannel endpoint = worker.endpoint();

            worker.advance(TRY.plusMillis(32));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("X-Penstock-Reason: try-timeout\r\n");
            assertThat(endpoint.isAborted()).isTrue();
            assertThat(worker.count(Reason.TRY_TIMEOUT)).isEqualTo(1);
            assertThat(worker.count(Counter.UPSTREAM_FAILURES)).isEqualTo(1);
            assertThat(worker.upstreamPermits()).isZero();
        }

        @Test
        void goesToAnotherEndpoint() {
            retries(on("timeout").perTryTimeout(TRY), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);
            worker.endpoint();

            worker.advance(TRY.plusMillis(32));
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
            assertThat(worker.count(Counter.RETRIES_AFTER_TIMEOUT)).isEqualTo(1);
        }

        @Test
        void countsTheTimeToConnectToo() {
            retries(on("timeout").perTryTimeout(TRY), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);

            worker.advance(TRY.plusMillis(32));
            assertThat(worker.connects()).isEqualTo(2);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void lastsUntilTheHeadAndNoLonger() {
            retries(RetryConfig.builder().perTryTimeout(TRY), "10.0.0.1:80");
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");

            worker.advance(TRY.multipliedBy(5));
            worker.endpoint().deliver("world");

            assertThat(client.sent()).endsWith("helloworld");
        }

        @Test
        void doesNotHoldAnEndpointToATimeWhileTheClientSends() {
            retries(RetryConfig.builder().perTryTimeout(TRY), "10.0.0.1:80");
            FakeChannel client = worker.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
            worker.endpoint();

            worker.advance(TRY.multipliedBy(5));
            client.deliver("world");
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void endsWithTheTotalTime() {
            retries(
                    on("timeout").perTryTimeout(TRY).attempts(10),
                    "10.0.0.1:80",
                    "10.0.0.2:81",
                    "10.0.0.3:82",
                    "10.0.0.4:83");
            worker.publish(WorkerHarness.route()
                    .timeouts(new RouteTimeouts(Optional.of(Duration.ofMillis(500))))
                    .build());
            FakeChannel client = worker.client(GET);

            worker.advance(Duration.ofMillis(550));

            assertThat(client.sent()).contains("X-Penstock-Reason: total-timeout\r\n");
            assertThat(worker.connects()).isEqualTo(3);
            assertThat(worker.upstreamPermits()).isZero();
        }
    }

    @Nested
    final class WithinItsBudget {
        @Test
        void isNotMadeOnceTheBudgetIsUsedUp() {
            retries(on("503").attempts(1).budget("0%").minPerSecond(2), "10.0.0.1:80", "10.0.0.2:81");

            for (int i = 0; i < 5; i++) {
                busyEverywhere();
            }

            assertThat(worker.count(Counter.RETRIES)).isEqualTo(2);
            assertThat(worker.count(Counter.RETRY_BUDGET_REFUSALS)).isEqualTo(3);
            assertThat(steps()).contains("UPSTREAM REFUSED budget used up");
        }

        @Test
        void isPaidForByRequests() {
            retries(on("503").attempts(1).budget("20%").minPerSecond(0), "10.0.0.1:80", "10.0.0.2:81");

            for (int i = 0; i < 100; i++) {
                busyEverywhere();
            }

            assertThat(worker.count(Counter.RETRIES)).isEqualTo(20);
        }

        @Test
        void keepsWhatWasEarnedWhenSomethingElseChanges() {
            retries(on("503").attempts(1).budget("20%").minPerSecond(0), "10.0.0.1:80", "10.0.0.2:81");
            for (int i = 0; i < 4; i++) {
                worker.client(GET);
                answer(OK);
            }
            UpstreamConfig upstream =
                    worker.config().upstreams().find("backend").orElseThrow();

            worker.publish(upstream.toBuilder().note("changed").build());
            busyEverywhere();

            assertThat(worker.count(Counter.RETRIES)).isEqualTo(1);
        }

        private void busyEverywhere() {
            FakeChannel client = worker.client(GET);
            while (!client.sent().contains(" 503 ")) {
                answer(BUSY);
            }
            client.endInput();
        }

        // Whichever connection has been asked answers.
        private void answer(String text) {
            worker.endpoint();
            for (FakeChannel endpoint : worker.loop().connects()) {
                if (endpoint.isOpen() && endpoint.sent().startsWith("GET ")) {
                    endpoint.deliver(text);
                    return;
                }
            }
            throw new AssertionError("no endpoint was asked");
        }
    }

    @Nested
    final class WhereTheRouteSaysOtherwise {
        @Test
        void goesByTheRoute() {
            retries(RetryConfig.builder(), "10.0.0.1:80", "10.0.0.2:81");
            worker.publish(WorkerHarness.route()
                    .retries(new RouteRetries(
                            Optional.of(1),
                            List.of(RetryCondition.parse("503")),
                            List.of(),
                            Optional.empty(),
                            Optional.empty()))
                    .build());
            FakeChannel client = worker.client(GET);

            worker.endpoint().deliver(BUSY);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void leavesWhatItDoesNotSayToTheUpstream() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            worker.publish(WorkerHarness.route()
                    .retries(new RouteRetries(
                            Optional.empty(),
                            List.of(),
                            List.of("all"),
                            Optional.of(Duration.ofMillis(200)),
                            Optional.empty()))
                    .build());
            FakeChannel client = worker.client(with("POST", "", "hello"));

            worker.endpoint().deliver(BUSY);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void takesAllTriesAway() {
            retries(on("503"), "10.0.0.1:80", "10.0.0.2:81");
            worker.publish(WorkerHarness.route()
                    .retries(new RouteRetries(Optional.of(0), List.of(), List.of(), Optional.empty(), Optional.empty()))
                    .build());
            FakeChannel client = worker.client(GET);

            worker.endpoint().deliver(BUSY);

            assertThat(client.sent()).startsWith("HTTP/1.1 503 ");
        }
    }

    @Nested
    final class WhenTheClientGoesAway {
        @Test
        void duringAPauseNothingIsSentAnyMore() {
            retries(on("503").backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)), "10.0.0.1:80");
            FakeChannel client = worker.client(GET);
            FakeChannel endpoint = worker.endpoint();
            endpoint.sent();
            endpoint.deliver(BUSY);

            client.fail(CloseCause.RESET);
            worker.advance(Duration.ofSeconds(2));

            assertThat(endpoint.sent()).isEmpty();
            assertThat(worker.exchanges().running()).isZero();
        }
    }
}

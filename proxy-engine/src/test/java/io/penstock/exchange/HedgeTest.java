package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.HedgeConfig;
import io.penstock.config.RetryConfig;
import io.penstock.config.RouteRetries;
import io.penstock.metrics.Counter;
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

/** A second endpoint is asked where the first is late, and the first answer is taken. */
final class HedgeTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String LATE = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate";
    private static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";
    private static final Duration AFTER = Duration.ofMillis(50);
    private static final Duration LONGER = Duration.ofMillis(80);

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void serve(RetryConfig.Builder retries, String... targets) {
        worker = WorkerHarness.to(targets);
        worker.publish(WorkerHarness.upstream(targets).retries(retries.build()).build());
    }

    private static RetryConfig.Builder hedged() {
        return RetryConfig.builder().hedge(HedgeConfig.after(AFTER));
    }

    private void serve() {
        serve(hedged(), "10.0.0.1:80", "10.0.0.2:81");
    }

    private static String with(String method, String more, String body) {
        return method + " / HTTP/1.1\r\nHost: a\r\n" + more + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private List<String> steps() {
        List<String> steps = new ArrayList<>();
        worker.records()
                .getFirst()
                .steps()
                .forEach(step -> steps.add(step.kind() + " " + step.verdict() + " " + step.detail()));
        return steps;
    }

    @Test
    void asksAnotherEndpointAndGivesUpTheLateOne() {
        serve();
        FakeChannel client = worker.client(GET);
        FakeChannel slow = worker.endpoint();

        worker.advance(LONGER);
        FakeChannel fast = worker.endpoint();

        assertThat(fast.remoteAddress()).isNotEqualTo(slow.remoteAddress());
        assertThat(fast.sent()).startsWith("GET / ");
        assertThat(client.sent()).isEmpty();
        fast.deliver(OK);
        assertThat(client.sent()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        assertThat(slow.isAborted()).isTrue();
        assertThat(fast.isOpen()).isTrue();
        assertThat(worker.count(Counter.HEDGES)).isEqualTo(1);
        assertThat(worker.count(Counter.HEDGES_WON)).isEqualTo(1);
        assertThat(worker.count(Counter.UPSTREAM_FAILURES)).isZero();
        assertThat(steps()).contains("UPSTREAM HEDGED ", "ANSWER PASSED ");
        assertThat(steps()).anyMatch(step -> step.startsWith("ENDPOINT CANCELLED "));
    }

    @Test
    void takesTheAnswerOfTheFirstWhereThatIsSoonerAfterAll() {
        serve();
        FakeChannel client = worker.client(GET);
        FakeChannel first = worker.endpoint();
        worker.advance(LONGER);
        FakeChannel second = worker.endpoint();

        first.deliver(OK);

        assertThat(client.sent()).endsWith("ok");
        assertThat(second.isAborted()).isTrue();
        assertThat(first.isOpen()).isTrue();
        assertThat(worker.count(Counter.HEDGES_WON)).isZero();
        assertThat(worker.records().getFirst().endpoint())
                .isEqualTo("10.0.0." + (first.remoteAddress().getPort() == 80 ? "1:80" : "2:81"));
    }

    @Test
    void asksNobodyElseWhereTheAnswerComesInTime() {
        serve();
        FakeChannel client = worker.client(GET);

        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
        worker.advance(LONGER);
        worker.endpoint().deliver("ok");

        assertThat(worker.connects()).isEqualTo(1);
        assertThat(client.sent()).endsWith("ok");
    }

    @Test
    void asksAnotherEndpointWhereTheFirstCannotBeReached() {
        serve();
        FakeChannel client = worker.client(GET);
        FakeChannel connecting = worker.loop().lastConnect();

        worker.advance(LONGER);
        worker.endpoint().deliver(OK);

        assertThat(worker.connects()).isEqualTo(2);
        assertThat(client.sent()).endsWith("ok");
        assertThat(connecting.isAborted() || connecting.isClosed()).isTrue();
    }

    @Test
    void sendsTheRequestToBothWhereTheFirstIsReachedAfterTheSecond() {
        serve();
        FakeChannel client = worker.client(GET);
        FakeChannel first = worker.loop().lastConnect();
        worker.advance(LONGER);
        FakeChannel second = worker.endpoint();

        first.open();

        assertThat(first.sent()).startsWith("GET / ");
        first.deliver(OK);
        assertThat(client.sent()).endsWith("ok");
        assertThat(second.isAborted()).isTrue();
    }

    @Test
    void sendsABodyToBoth() {
        serve();
        FakeChannel client = worker.client(with("PUT", "", "hello"));
        FakeChannel first = worker.endpoint();
        assertThat(first.sent()).endsWith("hello");

        worker.advance(LONGER);
        FakeChannel second = worker.endpoint();

        assertThat(second.sent()).startsWith("PUT / ").endsWith("\r\n\r\nhello");
        second.deliver(OK);
        assertThat(client.sent()).endsWith("ok");
    }

    @Test
    void waitsForAClientThatStillSends() {
        serve();
        FakeChannel client = worker.client("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
        worker.endpoint();

        worker.advance(LONGER);
        assertThat(worker.connects()).isEqualTo(1);
        client.deliver("world");
        worker.advance(LONGER);

        assertThat(worker.endpoint().sent()).endsWith("\r\n\r\nhelloworld");
        worker.endpoint().deliver(OK);
        assertThat(client.sent()).endsWith("ok");
    }

    @Test
    void asksAThirdOneWhereTheOperatorWantsIt() {
        serve(RetryConfig.builder().hedge(new HedgeConfig(AFTER, 2)), "10.0.0.1:80", "10.0.0.2:81", "10.0.0.3:82");
        FakeChannel client = worker.client(GET);
        FakeChannel first = worker.endpoint();
        worker.advance(LONGER);
        FakeChannel second = worker.endpoint();
        worker.advance(LONGER);
        FakeChannel third = worker.endpoint();
        worker.advance(LONGER);

        assertThat(worker.connects()).isEqualTo(3);
        third.deliver(OK);

        assertThat(client.sent()).endsWith("ok");
        assertThat(first.isAborted()).isTrue();
        assertThat(second.isAborted()).isTrue();
    }

    @Test
    void asksNobodyElseForTheRoutesThatLiftIt() {
        serve();
        worker.publish(WorkerHarness.route()
                .retries(new RouteRetries(
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.of(new HedgeConfig(AFTER, 0))))
                .build());
        FakeChannel client = worker.client(GET);
        FakeChannel only = worker.endpoint();

        worker.advance(LONGER);
        only.deliver(OK);

        assertThat(worker.connects()).isEqualTo(1);
        assertThat(client.sent()).endsWith("ok");
    }

    @Nested
    final class WhereItIsNotSafeOrNotPaidFor {
        @Test
        void isNoPostSentTwice() {
            serve();
            FakeChannel client = worker.client(with("POST", "", "hello"));
            FakeChannel only = worker.endpoint();

            worker.advance(LONGER);
            only.deliver(OK);

            assertThat(worker.connects()).isEqualTo(1);
            assertThat(client.sent()).endsWith("ok");
            assertThat(steps()).contains("UPSTREAM REFUSED not repeatable");
        }

        @Test
        void isAPostWithAnIdempotencyKeySentTwice() {
            serve();
            FakeChannel client = worker.client(with("POST", "Idempotency-Key: 7\r\n", "hello"));
            worker.endpoint();

            worker.advance(LONGER);
            worker.endpoint().deliver(OK);

            assertThat(worker.connects()).isEqualTo(2);
            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void isNoBodySentThatWasTooLongToBeKept() {
            serve();
            FakeChannel client = worker.client(with("PUT", "", "x".repeat(70_000)));
            FakeChannel only = worker.endpoint();

            worker.advance(LONGER);
            only.deliver(OK);

            assertThat(worker.connects()).isEqualTo(1);
            assertThat(client.sent()).endsWith("ok");
            assertThat(steps()).contains("UPSTREAM REFUSED body not kept");
        }

        @Test
        void isNothingSentBeyondTheBudget() {
            serve(hedged().budget("0%").minPerSecond(0), "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);
            FakeChannel only = worker.endpoint();

            worker.advance(LONGER);
            only.deliver(OK);

            assertThat(worker.connects()).isEqualTo(1);
            assertThat(client.sent()).endsWith("ok");
            assertThat(worker.count(Counter.RETRY_BUDGET_REFUSALS)).isEqualTo(1);
        }

        @Test
        void isTheSameEndpointNotAskedTwice() {
            serve(hedged(), "10.0.0.1:80");
            FakeChannel client = worker.client(GET);
            FakeChannel only = worker.endpoint();

            worker.advance(LONGER);
            only.deliver(OK);

            assertThat(worker.connects()).isEqualTo(1);
            assertThat(client.sent()).endsWith("ok");
            assertThat(steps()).contains("UPSTREAM REFUSED no other endpoint");
        }
    }

    @Nested
    final class WhileBothAreUnderWay {
        /** One request and the two connections it went to. */
        private record Race(FakeChannel client, FakeChannel first, FakeChannel second) {}

        private Race begin(RetryConfig.Builder retries) {
            serve(retries, "10.0.0.1:80", "10.0.0.2:81");
            FakeChannel client = worker.client(GET);
            FakeChannel first = worker.endpoint();
            worker.advance(LONGER);
            return new Race(client, first, worker.endpoint());
        }

        @Test
        void theClientGoesAwayAndBothAreGivenUp() {
            Race race = begin(hedged());

            race.client().fail(CloseCause.RESET);

            assertThat(race.first().isAborted()).isTrue();
            assertThat(race.second().isAborted()).isTrue();
        }

        @Test
        void oneFailsAndTheOtherGoesOn() {
            Race race = begin(hedged());

            race.first().fail(CloseCause.RESET);
            assertThat(race.client().sent()).isEmpty();
            race.second().deliver(OK);

            assertThat(race.client().sent()).endsWith("ok");
        }

        @Test
        void theSecondFailsAndTheFirstGoesOn() {
            Race race = begin(hedged());

            race.second().fail(CloseCause.RESET);
            race.first().deliver(OK);

            assertThat(race.client().sent()).endsWith("ok");
            assertThat(worker.count(Counter.HEDGES_WON)).isZero();
        }

        @Test
        void bothFailAndTheClientIsTold() {
            Race race = begin(hedged());

            race.second().fail(CloseCause.RESET);
            race.first().fail(CloseCause.RESET);

            assertThat(race.client().sent())
                    .startsWith("HTTP/1.1 502 ")
                    .contains("X-Penstock-Reason: upstream-reset\r\n");
        }

        @Test
        void anAnswerThatWouldBeTriedAgainLosesToTheOneThatIsStillToCome() {
            Race race = begin(hedged().when("503"));

            race.second().deliver(BUSY);
            assertThat(race.client().sent()).isEmpty();
            race.first().deliver(LATE);

            assertThat(race.client().sent()).startsWith("HTTP/1.1 200 ").endsWith("late");
        }

        @Test
        void anAnswerThatNobodyWantsTriedAgainIsTaken() {
            Race race = begin(hedged());

            race.second().deliver(BUSY);

            assertThat(race.client().sent()).startsWith("HTTP/1.1 503 ").endsWith("busy");
            assertThat(race.first().isAborted()).isTrue();
        }

        @Test
        void theLateAnswerOfTheLoserIsDroppedWithItsConnection() {
            Race race = begin(hedged());
            race.second().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
            assertThat(race.first().isAborted()).isTrue();

            race.second().deliver("k");

            assertThat(race.client().sent()).endsWith("ok");
        }
    }
}

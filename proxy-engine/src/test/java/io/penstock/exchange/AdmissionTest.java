package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AdmissionConfig;
import io.penstock.config.AdmissionQueueConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathMatch;
import io.penstock.config.PriorityConfig;
import io.penstock.config.QueueOrder;
import io.penstock.config.RouteMatch;
import io.penstock.config.RouteTimeouts;
import io.penstock.config.Setting;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailSteps;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who is let in, who waits and who is turned away, on one worker. */
final class AdmissionTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final PriorityConfig MEMBERS =
            PriorityConfig.byHeader("members", FieldMatch.exact("X-Tier", "gold"));

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
        assertThat(worker.count(Counter.ADMISSION_QUEUED)).isZero();
    }

    private void serve(AdmissionConfig admission) {
        worker = WorkerHarness.with(
                WorkerHarness.route()
                        .admission(Setting.of(admission))
                        .timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(30)))),
                "10.0.0.1:80");
    }

    private static AdmissionConfig one(int queueMax) {
        return AdmissionConfig.of(1).with(AdmissionQueueConfig.of(queueMax, Duration.ofSeconds(2)));
    }

    private static String get(String path, String... fields) {
        return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + String.join("", fields) + "\r\n";
    }

    private void answer() {
        worker.endpoint().deliver(OK);
        worker.loop().run();
    }

    private String asked() {
        String sent = worker.endpoint().sent();
        int last = sent.lastIndexOf("GET ");
        return last < 0 ? "" : sent.substring(last + 4, sent.indexOf(" HTTP/1.1", last));
    }

    @Test
    void letsInAsManyAsMayGoOnAndHandsOnWhatIsGivenBack() {
        serve(one(10));
        FakeChannel first = worker.client(get("/1"));
        FakeChannel second = worker.client(get("/2"));

        assertThat(asked()).isEqualTo("/1");
        assertThat(worker.count(Counter.ADMISSION_QUEUED)).isEqualTo(1);
        answer();

        assertThat(first.sent()).startsWith("HTTP/1.1 200");
        assertThat(asked()).isEqualTo("/2");
        answer();
        assertThat(second.sent()).startsWith("HTTP/1.1 200");
        assertThat(worker.count(Counter.ADMITTED)).isEqualTo(2);
        assertThat(worker.count(Counter.ADMISSION_WAITS)).isEqualTo(1);
    }

    @Test
    void turnsAwayWhoFindsTheQueueFull() {
        serve(one(1));
        worker.client(get("/1"));
        worker.client(get("/2"));

        String refused = worker.client(get("/3")).sent();

        assertThat(refused)
                .startsWith("HTTP/1.1 503 ")
                .contains("X-Penstock-Reason: admission-queue-full\r\n")
                .contains("Retry-After: 5\r\n")
                .contains("Content-Type: application/problem+json\r\n");
        assertThat(worker.count(Reason.ADMISSION_QUEUE_FULL)).isEqualTo(1);
    }

    @Test
    void turnsAwayWhoHasWaitedTooLong() {
        serve(one(10));
        worker.client(get("/1"));
        FakeChannel second = worker.client(get("/2"));

        worker.advance(Duration.ofMillis(2100));

        assertThat(second.sent()).startsWith("HTTP/1.1 503 ").contains("X-Penstock-Reason: admission-timeout\r\n");
        answer();
        FakeChannel third = worker.client(get("/3"));
        answer();
        assertThat(third.sent()).startsWith("HTTP/1.1 200");
    }

    @Test
    void givesBrowsersAPageThatComesAgainByItself() {
        serve(one(0));
        worker.client(get("/1"));

        String page = worker.client(get("/2", "Accept: text/html,*/*\r\n")).sent();
        String posted = worker.client("POST /3 HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nContent-Length: 0\r\n\r\n")
                .sent();

        assertThat(page)
                .contains("Content-Type: text/html; charset=utf-8\r\n")
                .contains("<meta http-equiv=\"refresh\" content=\"5\">");
        assertThat(posted).contains("Content-Type: text/html").doesNotContain("http-equiv");
    }

    @Nested
    class TheOrder {
        @Test
        void letsHigherClassesPassFirst() {
            serve(one(10).with(MEMBERS));
            worker.client(get("/1"));
            FakeChannel plain = worker.client(get("/plain"));
            FakeChannel member = worker.client(get("/member", "X-Tier: gold\r\n"));

            answer();
            assertThat(asked()).isEqualTo("/member");
            answer();

            assertThat(member.sent()).startsWith("HTTP/1.1 200");
            assertThat(plain.sent()).isEmpty();
            answer();
            assertThat(plain.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void makesRoomInTheQueueForAHigherClass() {
            serve(one(1).with(MEMBERS));
            worker.client(get("/1"));
            FakeChannel plain = worker.client(get("/plain"));

            FakeChannel member = worker.client(get("/member", "X-Tier: gold\r\n"));

            assertThat(plain.sent()).contains("admission-queue-full");
            answer();
            answer();
            assertThat(member.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void isOldestFirstAsLongAsTheQueueEmptiesAndNewestFirstOnceItDoesNot() {
            serve(one(10));
            worker.client(get("/1"));
            worker.client(get("/2"));
            worker.client(get("/3"));

            answer();
            assertThat(asked()).isEqualTo("/2");
            worker.advance(Duration.ofMillis(150));
            worker.client(get("/4"));
            answer();
            assertThat(asked()).isEqualTo("/4");
            answer();
            assertThat(asked()).isEqualTo("/3");
            answer();
        }

        @Test
        void isOldestFirstAlwaysWhereThatIsAskedFor() {
            serve(AdmissionConfig.of(1).with(new AdmissionQueueConfig(10, Duration.ofSeconds(2), QueueOrder.FIFO)));
            worker.client(get("/1"));
            worker.client(get("/2"));
            worker.advance(Duration.ofMillis(150));
            worker.client(get("/3"));

            answer();
            assertThat(asked()).isEqualTo("/2");
            answer();
            answer();
        }
    }

    @Nested
    class WhileItWaits {
        @Test
        void readsNothingOfABodyAndPromisesNothing() {
            serve(one(10));
            worker.client(get("/1"));
            FakeChannel upload = worker.client(
                    "POST /2 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
            upload.deliver("x".repeat(1000));

            assertThat(upload.undelivered()).isEqualTo(1000);
            worker.advance(Duration.ofMillis(2100));

            assertThat(upload.sent()).startsWith("HTTP/1.1 503 ").contains("Connection: close");
            answer();
        }

        @Test
        void forgetsAClientThatGoesAway() {
            serve(one(1));
            worker.client(get("/1"));
            FakeChannel second = worker.client(get("/2"));

            second.fail(CloseCause.RESET);

            assertThat(worker.count(Counter.ADMISSION_QUEUED)).isZero();
            FakeChannel third = worker.client(get("/3"));
            answer();
            answer();
            assertThat(third.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void endsByTheTotalTimeout() {
            worker = WorkerHarness.with(
                    WorkerHarness.route()
                            .admission(Setting.of(one(10)))
                            .timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(1)))),
                    "10.0.0.1:80");
            worker.client(get("/1"));
            worker.advance(Duration.ofMillis(500));
            FakeChannel second = worker.client(get("/2"));
            answer();
            FakeChannel third = worker.client(get("/3"));

            worker.advance(Duration.ofMillis(1100));

            assertThat(second.sent()).contains("total-timeout");
            assertThat(third.sent()).contains("total-timeout");
        }

        @Test
        void isToldOfInTheTrail() {
            serve(one(10));
            worker.client(get("/1"));
            worker.client(get("/2"));
            answer();
            answer();

            assertThat(worker.records().getFirst().steps())
                    .filteredOn(step -> step.kind() == TrailSteps.Kind.ADMISSION)
                    .extracting(step -> step.verdict() + " " + step.detail())
                    .containsExactly("SUSPENDED routes/all", "PASSED routes/all");
        }
    }

    @Nested
    class APlacePastIt {
        @Test
        void isGivenBackWhenTheClientGoesAway() {
            serve(one(0));
            FakeChannel first = worker.client(get("/1"));

            first.fail(CloseCause.RESET);

            FakeChannel second = worker.client(get("/2"));
            answer();
            assertThat(second.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void isGivenBackWhenTheEndpointFails() {
            serve(one(0));
            FakeChannel first = worker.client(get("/1"));
            worker.endpoint().fail(CloseCause.RESET);
            assertThat(first.sent()).startsWith("HTTP/1.1 502");

            FakeChannel second = worker.client(get("/2"));
            answer();
            assertThat(second.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void survivesAChangeOfTheConfig() {
            serve(one(0));
            worker.client(get("/1"));

            worker.publish(WorkerHarness.route()
                    .admission(Setting.of(one(0).with(MEMBERS)))
                    .matches(RouteMatch.of(PathMatch.prefix("/")))
                    .build());

            assertThat(worker.client(get("/2")).sent()).contains("admission-queue-full");
            answer();
        }
    }
}

package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.FilterConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.Rate;
import io.penstock.config.ResourceType;
import io.penstock.config.ServiceConfig;
import io.penstock.exchange.facts.FilterNotes;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a filter may ask about its exchange and its worker, and for how long. */
final class FilterCallTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeFilter outer = new FakeFilter(FilterPhase.TRANSFORM);
    private final FakeFilter inner = new FakeFilter(FilterPhase.TRANSFORM);
    private final List<Object> seen = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve() {
        serve(worker.filter("outer", outer), worker.filter("inner", inner));
    }

    private void serve(FilterConfig... filters) {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80", "10.0.0.2:80").build())
                .with(WorkerHarness.upstream("10.0.9.9:99").name("other").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route().filters(filters).build()));
    }

    @Test
    void saysWhereTheRequestCameFrom() {
        outer.inRequest(call -> {
            seen.add(call.client().address());
            seen.add(call.client().port());
            seen.add(call.client().listener());
            seen.add(call.client().isSecure());
        });
        serve();
        worker.client(GET);

        assertThat(seen).containsExactly("192.0.2.7", 40000, WorkerHarness.WEB, false);
        worker.endpoint().deliver(OK);
    }

    @Test
    void givesTheRequestInResponseHooks() {
        inner.inResponse(call -> seen.add(call.request().path()));
        serve();
        worker.client(GET);
        worker.endpoint().deliver(OK);

        assertThat(seen).containsExactly("/a");
    }

    @Nested
    class Attachments {
        @Test
        void areKeptForEachEntryUntilTheExchangeEnds() {
            outer.inRequest(call -> call.attach("of outer")).inResponse(call -> seen.add(call.attachment()));
            inner.inRequest(call -> seen.add(call.attachment())).inResponse(call -> seen.add(call.attachment()));
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(seen).containsExactly(null, null, "of outer");
        }

        @Test
        void areNotSeenByTheNextExchange() {
            outer.inRequest(call -> {
                seen.add(call.attachment());
                call.attach("mine");
            });
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK);
            worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(seen).containsExactly(null, null);
        }
    }

    @Nested
    class Variables {
        @Test
        void areReadByLaterFiltersAndForgottenAfterwards() {
            outer.inRequest(call -> {
                seen.add(call.variable("guard/tenant"));
                call.variable("guard/tenant", "acme");
            });
            inner.inRequest(call -> seen.add(call.variable("guard/tenant")));
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK);
            worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(seen).containsExactly(null, "acme", null, "acme");
        }

        @Test
        void areBounded() {
            outer.inRequest(call -> {
                for (int i = 0; i <= FilterNotes.VARIABLES_MAX; i++) {
                    call.variable("v/" + i, i);
                }
            });
            serve();

            assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 500 ");
        }
    }

    @Nested
    class Views {
        private final List<FilterCall> calls = new ArrayList<>();
        private final List<RequestView> requests = new ArrayList<>();

        @Test
        void stayOpenWhileTheHookIsWaitedForAndCloseWhenItIsResumed() {
            outer.onRequest(Verdict.SUSPENDED).inRequest(given -> {
                calls.add(given);
                requests.add(given.request());
            });
            serve();
            worker.client(GET);

            requests.getFirst().fields().set("X-Late", "yes");
            assertThat(calls.getFirst().requestId()).isNotEmpty();
            outer.resume(Verdict.CONTINUE);

            assertThat(worker.endpoint().sent()).contains("X-Late: yes\r\n");
            assertThatThrownBy(() -> calls.getFirst().requestId()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> requests.getFirst().path()).isInstanceOf(IllegalStateException.class);
            worker.endpoint().deliver(OK);
        }

        @Test
        void closeWhenTheExchangeIsCancelled() {
            outer.onRequest(Verdict.SUSPENDED).inRequest(calls::add);
            serve();
            worker.client(GET).fail(CloseCause.RESET);

            assertThatThrownBy(() -> calls.getFirst().attach("late")).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class WhereTheRequestGoes {
        @Test
        void maySendItToAnotherUpstream() {
            outer.inRequest(call -> seen.add(call.upstream().use("other")));
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(worker.endpoint().remoteAddress().getPort()).isEqualTo(99);
            assertThat(seen).containsExactly(true);
        }

        @Test
        void staysWhereItWasIfThereIsNoSuchUpstream() {
            outer.inRequest(call -> seen.add(call.upstream().use("nowhere")));
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(worker.endpoint().remoteAddress().getPort()).isEqualTo(80);
            assertThat(seen).containsExactly(false);
        }

        @Test
        void prefersAnEndpointEveryTime() {
            outer.inRequest(call -> seen.add(call.upstream().prefer("10.0.0.2:80")));
            serve();
            for (int i = 0; i < 4; i++) {
                worker.client(GET);
            }

            assertThat(worker.loop().connects())
                    .allMatch(channel -> channel.remoteAddress().getHostString().equals("10.0.0.2"));
            assertThat(seen).containsOnly(true);
        }

        @Test
        void doesNotPreferAnEndpointThatIsNotThere() {
            outer.inRequest(call -> seen.add(call.upstream().prefer("10.0.0.3:80")));
            serve();
            worker.client(GET);

            assertThat(seen).containsExactly(false);
        }

        @Test
        void takesAnotherEndpointWhereThePreferredOneCannotBeReached() {
            outer.inRequest(call -> call.upstream().prefer("10.0.0.2:80"));
            serve();
            FakeChannel client = worker.client(GET);
            worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
            assertThat(worker.connects()).isEqualTo(2);
        }

        @Test
        void makesNoSecondTryWhereAFilterSaysSo() {
            outer.inRequest(call -> call.upstream().noRetry());
            serve();
            FakeChannel client = worker.client(GET);
            worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("connect-failed");
            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void endsWithItsOwnTotalTimeout() {
            outer.inRequest(call -> call.upstream().totalTimeoutMs(200));
            serve();
            FakeChannel client = worker.client(GET);
            worker.endpoint();
            worker.advance(Duration.ofMillis(300));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("total-timeout");
        }

        @Test
        void cannotBeSaidAnyMoreInTheResponseHook() {
            outer.inResponse(call -> call.upstream());
            serve();
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ");
        }
    }

    @Nested
    class TheWorker {
        @Test
        void runsWhatWasPosted() {
            serve();
            worker.client(GET);
            outer.worker().post(() -> seen.add("ran"));
            outer.worker().post(() -> {
                throw new IllegalStateException("for the test");
            });
            outer.worker().post(() -> seen.add("ran again"));

            worker.loop().run();

            assertThat(seen).containsExactly("ran", "ran again");
            worker.endpoint().deliver(OK);
        }

        @Test
        void knowsTheTimeOfDay() {
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(outer.worker().epochMs())
                    .isEqualTo(Instant.parse("2026-03-01T12:00:00Z").toEpochMilli());
        }

        @Test
        void takesPermitsOfNamedLimitsForKeysOfTheFiltersChoice() {
            worker.publish(
                    LimitConfig.named("logins", Rate.parse("2/m")).burst(2).build());
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK);
            FilterWorker asked = outer.worker();

            assertThat(asked.tryAcquire("logins", "alice")).isZero();
            assertThat(asked.tryAcquire("logins", "alice")).isZero();
            assertThat(asked.tryAcquire("logins", "alice")).isPositive();
            assertThat(asked.tryAcquire("logins", "bob")).isZero();
            assertThat(asked.tryAcquire("nothing", "bob")).isEqualTo(FilterWorker.NO_SUCH_LIMIT);
            worker.publish(worker.config().without(ResourceType.LIMITS, "logins"));
            assertThat(asked.tryAcquire("logins", "carol")).isEqualTo(FilterWorker.NO_SUCH_LIMIT);
        }
    }

    @Nested
    class WhenAFilterFails {
        @Test
        void refusesTheRequest() {
            outer.onRequest(new Verdict.Failed(Reason.FILTER_FAILED, "broken"));
            serve();

            assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 500 ").contains("filter-failed");
        }

        @Test
        void goesOnWithoutItWhereThatIsItsWay() {
            outer.skippedOnFailure().inRequest(call -> {
                throw new IllegalStateException("for the test");
            });
            serve();
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
            assertThat(inner.requests()).isEqualTo(1);
        }

        @Test
        void goesOnWithoutOneThatIsNotResumedInTime() {
            outer.skippedOnFailure().onRequest(Verdict.SUSPENDED);
            serve();
            FakeChannel client = worker.client(GET);
            worker.advance(Duration.ofSeconds(61));
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
            assertThat(outer.cancelled()).isEqualTo(outer.tickets());
        }
    }

    @Test
    void anEntryThatIsNotEnabledTakesNoPart() {
        worker.auth("off", outer);
        serve(new PluginFilterConfig(
                "off@1", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false));
        worker.client(GET);
        worker.endpoint().deliver(OK);

        assertThat(outer.requests()).isZero();
    }
}

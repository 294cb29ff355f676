package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.FaultAbort;
import io.penstock.config.FaultDelay;
import io.penstock.config.FaultFilterConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteTimeouts;
import io.penstock.config.Share;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults injected on purpose: what they do, to whom, and how they are told from real ones. */
final class FaultFilterTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final Share ALL = Share.parse("100%");
    private static final Duration LONG = Duration.ofSeconds(2);

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private static FaultFilterConfig fault(
            Optional<FaultDelay> delay, Optional<FaultAbort> abort, Optional<FieldMatch> header) {
        return new FaultFilterConfig(delay, abort, header, true);
    }

    private static FaultFilterConfig delayed(Share share) {
        return fault(Optional.of(new FaultDelay(LONG, share)), Optional.empty(), Optional.empty());
    }

    private static FaultFilterConfig aborted(int status, Share share) {
        return fault(Optional.empty(), Optional.of(new FaultAbort(status, share)), Optional.empty());
    }

    private void serve(FaultFilterConfig... faults) {
        serve(WorkerHarness.route(), faults);
    }

    private void serve(RouteConfig.Builder route, FaultFilterConfig... faults) {
        worker = new WorkerHarness();
        worker.publish(
                WorkerHarness.listener().build(),
                RouteConfig.named("all")
                        .matches(route.build().matches().getFirst())
                        .timeouts(route.build().timeouts())
                        .respond(RespondConfig.DEFAULTS)
                        .filters(faults)
                        .build());
    }

    private TrailEntry last() {
        return worker.records().getLast();
    }

    @Test
    void aDelayedRequestIsAnsweredLaterAndMarked() {
        serve(delayed(ALL));
        FakeChannel client = worker.client(GET);
        worker.advance(LONG.minusMillis(100));
        assertThat(client.sent()).isEmpty();

        worker.advance(Duration.ofMillis(200));

        assertThat(client.sent()).startsWith("HTTP/1.1 200 ").doesNotContain("X-Penstock-Reason");
        assertThat(worker.count(Counter.FAULT_DELAYS)).isEqualTo(1);
        assertThat(worker.count(Reason.FAULT_INJECTED)).isZero();
        assertThat(last().reason()).contains(Reason.FAULT_INJECTED);
    }

    @Test
    void anAbortedRequestIsRefusedWithTheStatusOfChoice() {
        serve(aborted(429, ALL));

        assertThat(worker.client(GET).sent())
                .startsWith("HTTP/1.1 429 ")
                .contains("X-Penstock-Reason: fault-injected\r\n")
                .doesNotContain("Retry-After");
        assertThat(worker.count(Reason.FAULT_INJECTED)).isEqualTo(1);
        assertThat(last().reason()).contains(Reason.FAULT_INJECTED);
    }

    @Test
    void oneChosenForBothWaitsFirst() {
        serve(fault(Optional.of(new FaultDelay(LONG, ALL)), Optional.of(new FaultAbort(500, ALL)), Optional.empty()));
        FakeChannel client = worker.client(GET);
        assertThat(client.sent()).isEmpty();

        worker.advance(LONG.plusMillis(100));

        assertThat(client.sent()).startsWith("HTTP/1.1 500 ").contains("fault-injected");
    }

    @Test
    void aShareOfTheRequestsIsHit() {
        serve(aborted(503, Share.parse("10%")));
        FakeChannel client = worker.client();
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            client.deliver(GET);
            refused += client.sent().startsWith("HTTP/1.1 503 ") ? 1 : 0;
        }

        assertThat(refused).isBetween(140, 260);
    }

    @Test
    void aShareOfNothingHitsNobody() {
        serve(aborted(503, Share.parse("0%")), delayed(Share.parse("0%")));

        assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 200 ");
        assertThat(last().reason()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "present, 'X-Fault: whatever', true",
        "present, 'x-fault:', true",
        "present, 'X-Other: 1', false",
        "absent, 'X-Other: 1', true",
        "absent, 'X-Fault: 1', false",
        "exact, 'X-Fault: yes', true",
        "exact, 'X-Fault: yes!', false",
        "regex, 'X-Fault: yes12', true",
        "regex, 'X-Fault: no', false",
    })
    void onlyRequestsWithTheFieldAreHit(String type, String field, boolean isHit) {
        FieldMatch match = switch (type) {
            case "present" -> FieldMatch.present("X-Fault");
            case "absent" -> FieldMatch.absent("X-Fault");
            case "exact" -> FieldMatch.exact("X-Fault", "yes");
            default -> FieldMatch.regex("X-Fault", "yes[0-9]+");
        };
        serve(fault(Optional.empty(), Optional.of(new FaultAbort(503, ALL)), Optional.of(match)));

        assertThat(worker.client("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n")
                        .sent())
                .startsWith(isHit ? "HTTP/1.1 503 " : "HTTP/1.1 200 ");
    }

    @Test
    void aClientThatGoesAwayWaitsForNothing() {
        serve(delayed(ALL));
        FakeChannel client = worker.client(GET);

        client.fail(CloseCause.RESET);

        assertThat(worker.exchanges().running()).isZero();
        worker.advance(LONG.plusSeconds(1));
        assertThat(worker.count(Reason.CLIENT_CLOSED)).isEqualTo(1);
    }

    @Test
    void theTotalTimeoutEndsTheWaitWithItsOwnStatus() {
        serve(
                WorkerHarness.route().timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(1)))),
                fault(Optional.of(new FaultDelay(LONG, ALL)), Optional.of(new FaultAbort(500, ALL)), Optional.empty()));
        FakeChannel client = worker.client(GET);

        worker.advance(Duration.ofMillis(1500));

        assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("X-Penstock-Reason: total-timeout\r\n");
    }

    @Test
    void anEntryThatIsDisabledDoesNothing() {
        serve(new FaultFilterConfig(Optional.empty(), Optional.of(new FaultAbort(503, ALL)), Optional.empty(), false));

        assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void whatWaitsWhenTheRouteChangesGoesOn() {
        serve(delayed(ALL));
        FakeChannel client = worker.client(GET);
        serveWithoutFault();

        worker.advance(LONG.plusMillis(100));

        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
    }

    private void serveWithoutFault() {
        worker.publish(worker.config().routes().find("all").orElseThrow().toBuilder()
                .filters()
                .build());
    }
}

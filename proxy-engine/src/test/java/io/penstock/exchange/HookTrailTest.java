package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.penstock.config.ServiceConfig;
import io.penstock.metrics.HookCost;
import io.penstock.metrics.HookOutcome;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailEntry;
import io.penstock.metrics.TrailStep;
import io.penstock.metrics.TrailSteps;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a request's trail says of the filters it met. */
final class HookTrailTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final byte[] NAME = "guard@1.0.0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HOOK = "onRequest".getBytes(StandardCharsets.US_ASCII);
    private static final Verdict FAILED = new Verdict.Failed(Reason.FILTER_FAILED, "for the test", "quarantined");

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeFilter filter = new FakeFilter(FilterPhase.TRANSFORM);
    private final FakeFilter authenticator = new FakeFilter(FilterPhase.AUTH);

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve() {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route().filters(worker.filter("f", filter)).build()));
    }

    private void serveWithAuth() {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route()
                        .auth(worker.auth("a", authenticator))
                        .build()));
    }

    private static void cost(FilterCall call, HookOutcome outcome) {
        call.cost(NAME, HOOK, 12_000, 0, outcome, "");
    }

    private TrailStep failure() {
        return worker.records().getFirst().steps().stream()
                .filter(step -> step.verdict() == TrailSteps.Verdict.FAILED)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void hasWhatHooksCost() {
        filter.inRequest(call -> cost(call, HookOutcome.CONTINUED));
        serve();
        worker.client(GET);
        worker.endpoint().deliver(OK);

        assertThat(worker.records().getFirst().hooks())
                .containsExactly(new HookCost("guard@1.0.0", "onRequest", 1, 12, 0, HookOutcome.CONTINUED, ""));
    }

    @Test
    void hasNothingOfTheExchangeBefore() {
        filter.inRequest(call -> cost(call, HookOutcome.CONTINUED));
        serve();
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(OK);
        filter.inRequest(call -> {});
        client.deliver(GET);
        worker.endpoint().deliver(OK);

        List<TrailEntry> records = worker.records();

        assertThat(records).hasSize(2);
        assertThat(records.getFirst().hooks()).isEmpty();
        assertThat(records.getLast().hooks()).hasSize(1);
    }

    @Test
    void hasWhatAHookHadCostWhenTheClientWent() {
        AtomicReference<FilterCall> called = new AtomicReference<>();
        filter.onRequest(Verdict.SUSPENDED)
                .inRequest(called::set)
                .whenCancelled(ticket -> cost(called.get(), HookOutcome.CANCELLED));
        serve();
        worker.client(GET).fail(CloseCause.RESET);

        assertThat(worker.records().getFirst().hooks())
                .extracting(HookCost::outcome)
                .containsExactly(HookOutcome.CANCELLED);
        assertThatIllegalStateException().isThrownBy(() -> cost(called.get(), HookOutcome.CONTINUED));
    }

    @Test
    void saysWhyAFilterFailed() {
        filter.onRequest(FAILED);
        serve();
        worker.client(GET);

        assertThat(failure().detail()).isEqualTo("fake: quarantined");
        assertThat(failure().reason()).contains(Reason.FILTER_FAILED);
    }

    @Test
    void saysWhyASuspendedFilterFailed() {
        filter.onRequest(Verdict.SUSPENDED);
        serve();
        worker.client(GET);
        filter.resume(FAILED);

        assertThat(failure().kind()).isEqualTo(TrailSteps.Kind.REQUEST_FILTER);
        assertThat(failure().detail()).isEqualTo("fake: quarantined");
    }

    @Test
    void saysWhyAnAuthenticatorFailed() {
        authenticator.onRequest(FAILED);
        serveWithAuth();
        worker.client(GET);

        assertThat(failure().kind()).isEqualTo(TrailSteps.Kind.AUTH);
        assertThat(failure().detail()).isEqualTo("fake: quarantined");
        assertThat(worker.records().getFirst().reason()).contains(Reason.FILTER_FAILED);
    }
}

package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.FilterConfig;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Family;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.SeriesReading;
import io.penstock.metrics.TrailStep;
import io.penstock.metrics.TrailSteps;
import io.penstock.spi.FilterPhase;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Built-in filters and others in one chain: one order, one trail, and what the built-in ones cost. */
final class FilterOrderTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final int REQUESTS = 320;

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeFilter outer = new FakeFilter(FilterPhase.TRANSFORM);
    private final FakeFilter inner = new FakeFilter(FilterPhase.TRANSFORM);
    private final List<String> seen = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static FilterConfig sets(String value) {
        HeaderEdits edits = new HeaderEdits(Map.of("X-A", value), Map.of(), List.of());
        return new HeadersFilterConfig(edits, edits);
    }

    private void see(FakeFilter filter, String name) {
        filter.inRequest(call -> {
            int at = call.request().fields().find("x-a");
            seen.add(name + " " + (at < 0 ? "none" : call.request().fields().value(at)));
        });
        filter.inResponse(call -> seen.add(name + " back"));
    }

    private void serve() {
        see(outer, "outer");
        see(inner, "inner");
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend")
                        .filters(worker.filter("o", outer), sets("service"))
                        .build())
                .with(WorkerHarness.route()
                        .filters(worker.filter("i", inner), sets("route"))
                        .build()));
    }

    @Test
    void runsAllInTheOrderOfTheLevelsAndBackAgain() {
        serve();
        FakeChannel client = worker.client(GET);
        FakeChannel endpoint = worker.endpoint();
        assertThat(endpoint.sent()).contains("X-A: route\r\n");
        endpoint.deliver(OK);

        assertThat(seen).containsExactly("outer none", "inner service", "inner back", "outer back");
        assertThat(client.sent()).contains("X-A: service\r\n").doesNotContain("X-A: route");
        assertThat(worker.records().getFirst().steps().stream()
                        .filter(step -> step.kind() == TrailSteps.Kind.REQUEST_FILTER)
                        .map(TrailStep::detail))
                .containsExactly("fake", "headers", "fake", "headers");
    }

    private SeriesReading headers(String hook) {
        return worker.series(Family.FILTER).stream()
                .filter(series -> series.name().equals(List.of("headers", hook)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void countsEveryCallOfBuiltInHooksAndTimesSome() {
        serve();
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(OK);
        for (int i = 1; i < REQUESTS; i++) {
            client.deliver(GET);
            worker.endpoint().deliver(OK);
        }

        for (String hook : List.of("onRequest", "onResponse")) {
            assertThat(headers(hook).value(SeriesCounter.FILTER_CALLS)).isEqualTo(2L * REQUESTS);
            assertThat(headers(hook).value(SeriesCounter.FILTER_FAILURES)).isZero();
            assertThat(headers(hook).value(SeriesCounter.FILTER_TIMED_CALLS))
                    .as("whichever place the hook has among others")
                    .isBetween(2L * REQUESTS / 40, 2L * REQUESTS / 6);
            assertThat(headers(hook).value(SeriesCounter.FILTER_TIMED_NS)).isPositive();
        }
    }
}

package io.penstock.engine;

import io.penstock.limit.Circuits;
import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.util.List;
import java.util.function.Consumer;

/** How the circuits of all upstreams stand. */
final class CircuitSamples implements SampleSource {
    private static final MetricEntry BREAKER = MetricEntry.gauge(
            "penstock_upstream_breaker_state",
            "Where the breaker of the upstream stands: 0 closed, 1 open, 2 half open.",
            "upstream");

    private final Circuits circuits;

    CircuitSamples(Circuits circuits) {
        this.circuits = circuits;
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(BREAKER);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        circuits.forEach((upstream, circuit) -> {
            long state = switch (circuit.breaker().state()) {
                case CLOSED -> 0;
                case OPEN -> 1;
                case HALF_OPEN -> 2;
            };
            into.accept(Sample.of(BREAKER, state, upstream));
        });
    }
}

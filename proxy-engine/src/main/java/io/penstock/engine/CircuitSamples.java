package io.penstock.engine;

import io.penstock.config.ProxyConfig;
import io.penstock.limit.AdaptivePlan;
import io.penstock.limit.Circuits;
import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How the circuits of all upstreams stand. */
final class CircuitSamples implements SampleSource {
    private static final MetricEntry BREAKER = MetricEntry.gauge(
            "penstock_upstream_breaker_state",
            "Where the breaker of the upstream stands: 0 closed, 1 open, 2 half open.",
            "upstream");

    private static final MetricEntry REQUESTS = MetricEntry.gauge(
            "penstock_upstream_circuit_requests",
            "Requests under way that the circuit of the upstream counts, where it bounds them.",
            "upstream");
    private static final MetricEntry ADAPTIVE = MetricEntry.gauge(
            "penstock_upstream_adaptive_limit",
            "How many requests the adaptive limit of the upstream lets be under way; absent where there is none.",
            "upstream");
    private static final MetricEntry BASE = MetricEntry.gauge(
            "penstock_upstream_adaptive_base_microseconds",
            "How long answers of the upstream take where nothing waits, by its adaptive limit.",
            "upstream");

    private final Circuits circuits;
    private final Supplier<ProxyConfig> config;

    CircuitSamples(Circuits circuits, Supplier<ProxyConfig> config) {
        this.circuits = circuits;
        this.config = config;
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(BREAKER, REQUESTS, ADAPTIVE, BASE);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        ProxyConfig written = config.get();
        circuits.forEach((upstream, circuit) -> {
            long state = switch (circuit.breaker().state()) {
                case CLOSED -> 0;
                case OPEN -> 1;
                case HALF_OPEN -> 2;
            };
            into.accept(Sample.of(BREAKER, state, upstream));
            into.accept(Sample.of(REQUESTS, circuit.requests().inside(), upstream));
            written.upstreams()
                    .find(upstream)
                    .flatMap(up -> up.circuit().adaptive())
                    .ifPresent(bounds -> {
                        into.accept(Sample.of(ADAPTIVE, circuit.adaptive().limit(AdaptivePlan.of(bounds)), upstream));
                        into.accept(Sample.of(BASE, circuit.adaptive().baseUs(), upstream));
                    });
        });
    }
}

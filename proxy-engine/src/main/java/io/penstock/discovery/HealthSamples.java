package io.penstock.discovery;

import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What is counted of health. Written by the control thread and read by any but a worker, under a lock that is held for
 * moments.
 */
public final class HealthSamples implements SampleSource {
    private static final MetricEntry CHECKS =
            MetricEntry.counter("penstock_health_checks_total", "Active health checks answered, by result.", "result");
    private static final MetricEntry EJECTIONS = MetricEntry.counter(
            "penstock_ejections_total", "Endpoints ejected because requests failed at them, by cause.", "cause");
    private static final MetricEntry WITHHELD = MetricEntry.counter(
            "penstock_ejections_withheld_total",
            "Endpoints not ejected because health.passive.maxEjected was reached, by cause.",
            "cause");
    private static final MetricEntry PANICS = MetricEntry.counter(
            "penstock_upstream_panics_total", "Times an upstream began to use its unhealthy endpoints too.");
    private static final MetricEntry PANIC = MetricEntry.gauge(
            "penstock_upstream_panic", "Whether an upstream uses its unhealthy endpoints too.", "upstream");
    private static final MetricEntry HEALTHY = MetricEntry.gauge(
            "penstock_endpoint_healthy",
            "Whether an endpoint whose health is watched is healthy; of those with a series of their own.",
            "upstream",
            "endpoint");

    private final Map<EjectionCause, Long> ejections = new EnumMap<>(EjectionCause.class);
    private final Map<EjectionCause, Long> withheld = new EnumMap<>(EjectionCause.class);
    private final Map<String, Gauges> upstreams = new TreeMap<>();
    private long good;
    private long bad;
    private long panics;

    private record Gauges(boolean isPanic, Map<String, Boolean> endpoints) {}

    synchronized void checked(boolean isGood) {
        if (isGood) {
            good++;
        } else {
            bad++;
        }
    }

    synchronized void ejected(EjectionCause cause) {
        ejections.merge(cause, 1L, Long::sum);
    }

    synchronized void withheld(EjectionCause cause) {
        withheld.merge(cause, 1L, Long::sum);
    }

    synchronized void panicked() {
        panics++;
    }

    /** Sets the gauges of an upstream that has a series of its own. */
    synchronized void watched(String upstream, boolean isPanic, Map<String, Boolean> endpoints) {
        upstreams.put(upstream, new Gauges(isPanic, endpoints));
    }

    synchronized void forget(String upstream) {
        upstreams.remove(upstream);
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(CHECKS, EJECTIONS, WITHHELD, PANICS, PANIC, HEALTHY);
    }

    @Override
    public synchronized void collect(Consumer<Sample> into) {
        into.accept(Sample.of(CHECKS, good, "good"));
        into.accept(Sample.of(CHECKS, bad, "bad"));
        for (EjectionCause cause : EjectionCause.values()) {
            into.accept(Sample.of(EJECTIONS, ejections.getOrDefault(cause, 0L), cause.code()));
        }
        for (EjectionCause cause : EjectionCause.values()) {
            into.accept(Sample.of(WITHHELD, withheld.getOrDefault(cause, 0L), cause.code()));
        }
        into.accept(Sample.of(PANICS, panics));
        upstreams.forEach((name, gauges) -> into.accept(Sample.of(PANIC, gauges.isPanic() ? 1 : 0, name)));
        upstreams.forEach((name, gauges) -> gauges.endpoints()
                .forEach((endpoint, isHealthy) -> into.accept(Sample.of(HEALTHY, isHealthy ? 1 : 0, name, endpoint))));
    }
}

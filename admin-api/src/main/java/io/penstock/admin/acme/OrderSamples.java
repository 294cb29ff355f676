package io.penstock.admin.acme;

import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What is counted of orders. Any thread. */
final class OrderSamples implements SampleSource {
    private static final MetricEntry ORDERS = MetricEntry.counter(
            "penstock_acme_orders_total", "Certificates ordered of authorities, by what came of it.", "outcome");
    private static final MetricEntry FAILURES = MetricEntry.gauge(
            "penstock_acme_failures",
            "Orders of a certificate that came to nothing since the last that did not.",
            "certificate");

    private final Supplier<Map<String, Integer>> failing;

    // Guarded by this.
    private long issued;
    private long failed;

    /** @param failing failures in a row by certificate */
    OrderSamples(Supplier<Map<String, Integer>> failing) {
        this.failing = failing;
    }

    synchronized void ended(boolean isIssued) {
        if (isIssued) {
            issued++;
        } else {
            failed++;
        }
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(ORDERS, FAILURES);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        synchronized (this) {
            into.accept(Sample.of(ORDERS, issued, "issued"));
            into.accept(Sample.of(ORDERS, failed, "failed"));
        }
        failing.get().forEach((certificate, count) -> into.accept(Sample.of(FAILURES, count, certificate)));
    }
}

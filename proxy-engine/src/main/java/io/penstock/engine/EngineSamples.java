package io.penstock.engine;

import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.util.List;
import java.util.function.Consumer;

/** The engine's own metrics, beside what workers count. */
final class EngineSamples implements SampleSource {
    private static final MetricEntry STUCK =
            MetricEntry.gauge("penstock_workers_stuck", "Workers whose loop has not turned for a second.");
    private static final MetricEntry STALLS =
            MetricEntry.counter("penstock_worker_stalls_total", "Times a worker's loop did not turn for a second.");
    private static final MetricEntry REVISION =
            MetricEntry.gauge("penstock_config_revision", "The revision published last.");
    private static final MetricEntry TABLES =
            MetricEntry.gauge("penstock_route_tables", "Route tables alive, the present one included.");
    private static final MetricEntry TABLE_WAITS = MetricEntry.counter(
            "penstock_route_table_waits_total",
            "Waits of changes because too many older route tables were still read.");

    private final EngineReadings readings;
    private long tableWaits;

    EngineSamples(EngineReadings readings) {
        this.readings = readings;
    }

    synchronized void waitedForTable() {
        tableWaits++;
    }

    private synchronized long tableWaits() {
        return tableWaits;
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(STUCK, STALLS, REVISION, TABLES, TABLE_WAITS);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        EngineStatus status = readings.status();
        into.accept(Sample.of(STUCK, status.stuckWorkers()));
        into.accept(Sample.of(STALLS, status.stalls()));
        into.accept(Sample.of(REVISION, status.revision()));
        into.accept(Sample.of(TABLES, status.liveTables()));
        into.accept(Sample.of(TABLE_WAITS, tableWaits()));
    }
}

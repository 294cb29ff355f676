package io.penstock.limit;

import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;

/**
 * Goes through a {@link QuotaTable} again and again, a part at a time, emptying what has passed and counting what has not.
 *
 * <p>The control thread calls {@link #next}; any thread may read the metrics.
 */
public final class QuotaSweep implements SampleSource {
    private static final int PARTS = 64;
    private static final int MINUTE_SECONDS = 60;

    private static final MetricEntry SLOTS =
            MetricEntry.gauge("penstock_quota_table_slots", "Keys that the table of quotas can hold.");
    private static final MetricEntry ACTIVE = MetricEntry.gauge(
            "penstock_quota_table_active_keys",
            "Keys of quotas that had counted something when the table was last gone through.");
    private static final MetricEntry FULL = MetricEntry.counter(
            "penstock_quota_table_full_total",
            "Requests whose key found no slot and that passed or were refused as their limit says.");

    private final QuotaTable table;
    private final Clock clock;
    private int part;
    private int seen;
    private volatile int active;

    public QuotaSweep(QuotaTable table, Clock clock) {
        this.table = table;
        this.clock = clock;
    }

    /** Goes through the next part. Once a second, a round takes about a minute. */
    public void next() {
        long buckets = table.buckets();
        int from = (int) (buckets * part / PARTS);
        int to = (int) (buckets * (part + 1) / PARTS);
        seen += table.sweep(from, to - from, Math.floorDiv(clock.instant().getEpochSecond(), (long) MINUTE_SECONDS));
        part++;
        if (part == PARTS) {
            active = seen;
            seen = 0;
            part = 0;
        }
    }

    /** How many keys were in use when the table was last gone through. */
    public int activeKeys() {
        return active;
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(SLOTS, ACTIVE, FULL);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        into.accept(Sample.of(SLOTS, table.slots()));
        into.accept(Sample.of(ACTIVE, active));
        into.accept(Sample.of(FULL, table.fullCount()));
    }
}

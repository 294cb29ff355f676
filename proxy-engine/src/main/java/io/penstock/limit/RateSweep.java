package io.penstock.limit;

import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/**
 * Goes through a {@link RateTable} again and again, a part at a time, emptying what is idle and counting what is not.
 *
 * <p>The control thread calls {@link #next}; any thread may read the metrics.
 */
public final class RateSweep implements SampleSource {
    /** Calls for one round through the table. */
    public static final int PARTS = 64;

    private static final MetricEntry SLOTS =
            MetricEntry.gauge("penstock_rate_table_slots", "Keys that the table of rate limits can hold.");
    private static final MetricEntry ACTIVE = MetricEntry.gauge(
            "penstock_rate_table_active_keys",
            "Keys of rate limits whose buckets were not full when the table was last gone through.");
    private static final MetricEntry FULL = MetricEntry.counter(
            "penstock_rate_table_full_total",
            "Requests whose key found no slot and that passed or were refused as their limit says.");

    private final RateTable table;
    private final NanoClock clock;
    private int part;
    private int seen;
    private volatile int active;

    public RateSweep(RateTable table, NanoClock clock) {
        this.table = table;
        this.clock = clock;
    }

    /** Goes through the next part. Once a second, a round takes about a minute. */
    public void next() {
        long buckets = table.buckets();
        int from = (int) (buckets * part / PARTS);
        int to = (int) (buckets * (part + 1) / PARTS);
        seen += table.sweep(from, to - from, clock.nanoTime());
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

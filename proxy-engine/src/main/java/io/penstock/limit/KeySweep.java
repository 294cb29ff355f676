package io.penstock.limit;

import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/**
 * Goes through a table of keys again and again, a part at a time, emptying what is idle and counting what is not.
 *
 * <p>The control thread calls {@link #next}; any thread may read the metrics.
 */
public final class KeySweep implements SampleSource {
    /** Calls for one round through the table. */
    public static final int PARTS = 64;

    private static final int MINUTE_SECONDS = 60;

    private final KeyCells table;
    private final Pass pass;
    private final MetricEntry slots;
    private final MetricEntry inUse;
    private final MetricEntry full;
    private int part;
    private int seen;
    private volatile int active;

    /** Goes through some buckets, by what the table takes for the present time. */
    private interface Pass {
        int over(int fromBucket, int count);
    }

    private KeySweep(KeyCells table, Pass pass, String name, String keys, String inUse) {
        this.table = table;
        this.pass = pass;
        this.slots = MetricEntry.gauge(name + "_slots", "Keys that the table of " + keys + " can hold.");
        this.inUse = MetricEntry.gauge(
                name + "_active_keys", "Keys of " + keys + " " + inUse + " when the table was last gone through.");
        this.full = MetricEntry.counter(
                name + "_full_total",
                "Requests whose key found no slot and that passed or were refused as their limit says.");
    }

    /** Over the keys of rates. */
    public static KeySweep of(RateTable table, NanoClock clock) {
        return new KeySweep(
                table,
                (from, count) -> table.sweep(from, count, clock.nanoTime()),
                "penstock_rate_table",
                "rate limits",
                "whose buckets were not full");
    }

    /** Over the keys of quotas. */
    public static KeySweep of(QuotaTable table, Clock clock) {
        return new KeySweep(
                table,
                (from, count) -> table.sweep(
                        from, count, Math.floorDiv(clock.instant().getEpochSecond(), (long) MINUTE_SECONDS)),
                "penstock_quota_table",
                "quotas",
                "that had counted something");
    }

    /** Goes through the next part. Once a second, a round takes about a minute. */
    public void next() {
        long buckets = table.buckets();
        int from = (int) (buckets * part / PARTS);
        int to = (int) (buckets * (part + 1) / PARTS);
        seen += pass.over(from, to - from);
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
        return List.of(slots, inUse, full);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        into.accept(Sample.of(slots, table.slots()));
        into.accept(Sample.of(inUse, active));
        into.accept(Sample.of(full, table.fullCount()));
    }
}

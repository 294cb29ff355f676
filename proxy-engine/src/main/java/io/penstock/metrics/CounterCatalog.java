package io.penstock.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Every metric that Penstock has, in the order in which they are shown; documentation and {@code /metrics} are made from it. */
public final class CounterCatalog {
    static final MetricEntry REFUSALS = MetricEntry.counter(
            "penstock_refusals_total",
            "Requests refused or broken, by reason and by whose fault it was.",
            "reason",
            "side");
    static final MetricEntry REQUEST_SECONDS = new MetricEntry(
            "penstock_request_duration_seconds",
            "Time from a request's first byte to its response's last.",
            MetricEntry.Type.HISTOGRAM,
            List.of());
    static final MetricEntry UPSTREAM_SECONDS = new MetricEntry(
            "penstock_upstream_duration_seconds",
            "Time from a request's head sent to an endpoint to its answer's last byte.",
            MetricEntry.Type.HISTOGRAM,
            List.of());

    static final MetricEntry ADMISSION_SECONDS = new MetricEntry(
            "penstock_admission_wait_seconds",
            "Time that requests waited for admission, let in or not.",
            MetricEntry.Type.HISTOGRAM,
            List.of());

    private CounterCatalog() {}

    /** The metrics; those of sources registered by other packages are not among them. */
    public static List<MetricEntry> entries() {
        return Stream.of(
                        Arrays.stream(Counter.values()).map(Counter::entry),
                        Stream.of(REFUSALS, REQUEST_SECONDS, UPSTREAM_SECONDS, ADMISSION_SECONDS),
                        Arrays.stream(SeriesCounter.values()).map(SeriesCounter::entry),
                        AccessLog.ENTRIES.stream(),
                        SyslogShipper.ENTRIES.stream(),
                        ProcessSamples.ENTRIES.stream())
                .flatMap(entries -> entries)
                .distinct()
                .toList();
    }

    /** The catalogue as a Markdown table. */
    public static String markdown() {
        StringBuilder text = new StringBuilder("| metric | type | labels | what |\n|---|---|---|---|\n");
        for (MetricEntry entry : entries()) {
            text.append("| `")
                    .append(entry.name())
                    .append("` | ")
                    .append(entry.type().text())
                    .append(" | ");
            text.append(String.join(", ", entry.labels()))
                    .append(" | ")
                    .append(entry.help())
                    .append(" |\n");
        }
        return text.toString();
    }
}

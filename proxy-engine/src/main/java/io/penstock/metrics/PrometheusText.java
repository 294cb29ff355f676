package io.penstock.metrics;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a reading in Prometheus' text exposition format, version 0.0.4: metrics in the order of the catalogue, those of
 * other sources after them, each with its help and type.
 */
public final class PrometheusText {
    /** What {@code Content-Type} says of it. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final long US = 1_000;
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000_000_000;
    private static final long[] BOUNDS_NS = {
        100 * US,
        250 * US,
        500 * US,
        MS,
        2 * MS + 500 * US,
        5 * MS,
        10 * MS,
        25 * MS,
        50 * MS,
        100 * MS,
        250 * MS,
        500 * MS,
        SECOND,
        2 * SECOND + 500 * MS,
        5 * SECOND,
        10 * SECOND,
        30 * SECOND,
        60 * SECOND,
        300 * SECOND
    };

    private PrometheusText() {}

    /** The reading as text. */
    public static String of(MetricsReading reading) {
        Map<MetricEntry, List<Sample>> samples = new LinkedHashMap<>();
        CounterCatalog.entries().forEach(entry -> samples.put(entry, new ArrayList<>()));
        for (Counter counter : Counter.values()) {
            add(samples, new Sample(counter.entry(), counter.labelValues(), (double) reading.value(counter)));
        }
        for (Reason reason : Reason.values()) {
            String side = reason.side().name().toLowerCase(Locale.ROOT);
            add(samples, Sample.of(CounterCatalog.REFUSALS, reading.value(reason), reason.code(), side));
        }
        for (Family family : Family.values()) {
            reading.series(family).forEach(series -> addSeries(samples, series));
        }
        reading.samples().forEach(sample -> add(samples, sample));

        StringBuilder text = new StringBuilder(64 * 1024);
        samples.forEach((entry, values) -> {
            if (entry.equals(CounterCatalog.REQUEST_SECONDS)) {
                histogram(entry, reading.requestLatency(), text);
            } else if (entry.equals(CounterCatalog.UPSTREAM_SECONDS)) {
                histogram(entry, reading.upstreamLatency(), text);
            } else if (entry.equals(CounterCatalog.ADMISSION_SECONDS)) {
                histogram(entry, reading.admissionWait(), text);
            } else if (!values.isEmpty()) {
                head(entry, text);
                values.forEach(sample -> line(sample, text));
            }
        });
        return text.toString();
    }

    private static void addSeries(Map<MetricEntry, List<Sample>> samples, SeriesReading series) {
        for (SeriesCounter counter : series.counters()) {
            List<String> labels = new ArrayList<>(series.name());
            labels.addAll(counter.labelValues());
            add(samples, new Sample(counter.entry(), labels, (double) series.value(counter)));
        }
    }

    private static void add(Map<MetricEntry, List<Sample>> samples, Sample sample) {
        samples.computeIfAbsent(sample.entry(), entry -> new ArrayList<>()).add(sample);
    }

    private static void head(MetricEntry entry, StringBuilder text) {
        text.append("# HELP ").append(entry.name()).append(' ');
        escape(entry.help(), false, text);
        text.append("\n# TYPE ")
                .append(entry.name())
                .append(' ')
                .append(entry.type().text())
                .append('\n');
    }

    private static void line(Sample sample, StringBuilder text) {
        text.append(sample.entry().name());
        List<String> labels = sample.entry().labels();
        for (int i = 0; i < labels.size(); i++) {
            text.append(i == 0 ? '{' : ',').append(labels.get(i)).append("=\"");
            escape(sample.labelValues().get(i), true, text);
            text.append('"');
        }
        text.append(labels.isEmpty() ? " " : "} ");
        number(sample.value(), text);
        text.append('\n');
    }

    private static void histogram(MetricEntry entry, LatencyReading reading, StringBuilder text) {
        head(entry, text);
        for (long bound : BOUNDS_NS) {
            text.append(entry.name()).append("_bucket{le=\"");
            number(bound / 1e9, text);
            text.append("\"} ").append(reading.countUpTo(bound)).append('\n');
        }
        text.append(entry.name())
                .append("_bucket{le=\"+Inf\"} ")
                .append(reading.count())
                .append('\n');
        text.append(entry.name()).append("_sum ");
        number(reading.sumNs() / 1e9, text);
        text.append('\n')
                .append(entry.name())
                .append("_count ")
                .append(reading.count())
                .append('\n');
    }

    private static void number(double value, StringBuilder text) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            text.append((long) value);
        } else {
            text.append(BigDecimal.valueOf(value).stripTrailingZeros().toPlainString());
        }
    }

    private static void escape(String value, boolean isLabel, StringBuilder text) {
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            switch (next) {
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '"' -> text.append(isLabel ? "\\\"" : "\"");
                default -> text.append(next);
            }
        }
    }
}

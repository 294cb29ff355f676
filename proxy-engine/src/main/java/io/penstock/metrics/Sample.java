package io.penstock.metrics;

import java.util.List;

/**
 * One value of a metric at the moment of reading.
 *
 * @param labelValues as many as the entry has labels
 */
public record Sample(MetricEntry entry, List<String> labelValues, double value) {
    public Sample {
        labelValues = List.copyOf(labelValues);
        if (labelValues.size() != entry.labels().size()) {
            throw new IllegalArgumentException(
                    entry.name() + " has labels " + entry.labels() + ", found values " + labelValues);
        }
    }

    /** A count with the given label values; exact up to 2^53. */
    public static Sample of(MetricEntry entry, long value, String... labelValues) {
        return new Sample(entry, List.of(labelValues), (double) value);
    }

    /** A value with the given label values. */
    public static Sample of(MetricEntry entry, double value, String... labelValues) {
        return new Sample(entry, List.of(labelValues), value);
    }
}

package io.penstock.metrics;

import java.util.List;

/**
 * One metric of the catalogue, as the documentation and {@code /metrics} show it.
 *
 * @param name begins with {@code penstock_}
 * @param help one sentence
 * @param labels names of its labels, in the order of the values
 */
public record MetricEntry(String name, String help, Type type, List<String> labels) {
    /** How a value moves. */
    public enum Type {
        /** Only grows; begins at 0 when the process does. */
        COUNTER("counter"),
        /** Goes up and down. */
        GAUGE("gauge"),
        /** Counts of observations by upper bound. */
        HISTOGRAM("histogram");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** The word of the exposition format. */
        public String text() {
            return text;
        }
    }

    public MetricEntry {
        labels = List.copyOf(labels);
    }

    public static MetricEntry counter(String name, String help, String... labels) {
        return new MetricEntry(name, help, Type.COUNTER, List.of(labels));
    }

    public static MetricEntry gauge(String name, String help, String... labels) {
        return new MetricEntry(name, help, Type.GAUGE, List.of(labels));
    }
}

package io.penstock.metrics;

import java.util.List;

/** The counters of one member of a family, summed over workers, as they stood at one moment. */
public final class SeriesReading {
    private final Family family;
    private final List<String> name;
    private final List<SeriesCounter> columns;
    private final long[] values;

    SeriesReading(Family family, List<String> name, List<SeriesCounter> columns, long[] values) {
        this.family = family;
        this.name = name;
        this.columns = columns;
        this.values = values;
    }

    /** The family. */
    public Family family() {
        return family;
    }

    /** One value for each of the family's labels. */
    public List<String> name() {
        return name;
    }

    /** The family's counters. */
    public List<SeriesCounter> counters() {
        return columns;
    }

    /** The value of a counter of this family. */
    public long value(SeriesCounter counter) {
        if (counter.family() != family) {
            throw new IllegalArgumentException(counter + " counts " + counter.family() + ", this is a " + family);
        }
        return values[counter.column()];
    }
}

package io.penstock.metrics;

import java.util.List;
import java.util.function.Consumer;

/** Something outside the workers that has metrics of its own: the process, the access log, the engine's tables. */
public interface SampleSource {
    /** The metrics it gives, always the same. */
    List<MetricEntry> entries();

    /** Gives its values now; called by the thread that reads, never by a worker. */
    void collect(Consumer<Sample> into);
}

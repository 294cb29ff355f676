package io.penstock.metrics;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What counting and timing costs a request on its worker, and what a scrape costs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WorkerMetricsBenchmark {
    private final Metrics metrics = new Metrics(4, SeriesBounds.usual());
    private final WorkerCounters counters = metrics.counters(0);
    private final LatencyRecorder latency = metrics.requestLatency(0);
    private long ns = 1;

    @Benchmark
    public void oneCounter() {
        counters.add(Counter.REQUESTS);
    }

    /** All that a plain request counts. */
    @Benchmark
    public void aRequest() {
        counters.add(Counter.REQUESTS);
        counters.add(Counter.REQUESTS_ACTIVE, 1);
        counters.add(Counter.UPSTREAM_REUSES);
        counters.add(SeriesCounter.LISTENER_REQUESTS, 0, 1);
        counters.add(SeriesCounter.UPSTREAM_TRIES, 3, 1);
        counters.add(SeriesCounter.ENDPOINT_TRIES, 7, 1);
        counters.add(Counter.BYTES_IN, 120);
        counters.add(Counter.BYTES_OUT, 4000);
        counters.add(Counter.REQUESTS_ACTIVE, -1);
        counters.responded(200);
        counters.responded(SeriesCounter.ROUTE_RESPONSES_1XX, 1234, 200);
        counters.add(SeriesCounter.ROUTE_BYTES_OUT, 1234, 4000);
        counters.responded(SeriesCounter.UPSTREAM_RESPONSES_1XX, 3, 200);
    }

    @Benchmark
    public void oneLatency() {
        ns = ns * 6364136223846793005L + 1442695040888963407L;
        latency.record(100_000 + (ns >>> 40));
    }

    @Benchmark
    public String scrape() {
        return PrometheusText.of(metrics.read());
    }
}

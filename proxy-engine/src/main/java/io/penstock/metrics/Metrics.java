package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/**
 * All that is observed: the counters and latencies of every worker, the names of series, and the sources beside the workers.
 * Reading asks no worker and stops none.
 */
@SharedByWorkers
public final class Metrics {
    private final List<WorkerCounters> counters;
    private final List<LatencyRecorder> requestLatencies;
    private final List<LatencyRecorder> upstreamLatencies;
    private final List<LatencyRecorder> admissionWaits;
    private final List<HeadSamples> heads;
    private final Map<Family, SeriesNames> names = new EnumMap<>(Family.class);
    private final List<SampleSource> sources = new CopyOnWriteArrayList<>();

    /** Metrics of {@code workers} workers. */
    public Metrics(int workers, SeriesBounds bounds) {
        this.counters = IntStream.range(0, workers)
                .mapToObj(worker -> new WorkerCounters(bounds))
                .toList();
        this.requestLatencies = IntStream.range(0, workers)
                .mapToObj(worker -> new LatencyRecorder())
                .toList();
        this.upstreamLatencies = IntStream.range(0, workers)
                .mapToObj(worker -> new LatencyRecorder())
                .toList();
        this.admissionWaits = IntStream.range(0, workers)
                .mapToObj(worker -> new LatencyRecorder())
                .toList();
        this.heads = IntStream.range(0, workers)
                .mapToObj(worker -> new HeadSamples(worker + 1))
                .toList();
        for (Family family : Family.values()) {
            names.put(family, new SeriesNames(family, bounds.of(family), counters));
        }
    }

    /** How many workers. */
    public int workers() {
        return counters.size();
    }

    /** The counters of one worker, for it to write. */
    public WorkerCounters counters(int worker) {
        return counters.get(worker);
    }

    /** One worker's recorder of the time from a request's first byte to its response's last. */
    public LatencyRecorder requestLatency(int worker) {
        return requestLatencies.get(worker);
    }

    /** One worker's recorder of the time from a request's head sent to an endpoint to its answer's last byte. */
    public LatencyRecorder upstreamLatency(int worker) {
        return upstreamLatencies.get(worker);
    }

    /** One worker's recorder of the time from joining the queue of an admission to leaving it. */
    public LatencyRecorder admissionWait(int worker) {
        return admissionWaits.get(worker);
    }

    /** Heads of requests of one worker, for it to write. */
    public HeadSamples heads(int worker) {
        return heads.get(worker);
    }

    /** Heads of requests of all workers, newest first. Any thread but a worker's. */
    public List<HeadSample> heads() {
        return heads.stream()
                .flatMap(worker -> worker.read().stream())
                .sorted(Comparator.comparing(HeadSample::at).reversed())
                .toList();
    }

    /** The names of a family's series. */
    public SeriesNames names(Family family) {
        SeriesNames found = names.get(family);
        if (found == null) {
            throw new IllegalStateException("no names of " + family);
        }
        return found;
    }

    /** Adds a source beside the workers. */
    public void register(SampleSource source) {
        sources.add(source);
    }

    /** Takes it away again. */
    public void forget(SampleSource source) {
        sources.remove(source);
    }

    /** What all workers counted until now, and what the sources say. Any thread but a worker's. */
    public MetricsReading read() {
        long[] totals = new long[Counter.values().length];
        long[] refusals = new long[Reason.values().length];
        for (WorkerCounters worker : counters) {
            for (Counter counter : Counter.values()) {
                totals[counter.index()] += worker.value(counter);
            }
            for (Reason reason : Reason.values()) {
                refusals[reason.index()] += worker.value(reason);
            }
        }
        Map<Family, List<SeriesReading>> series = new EnumMap<>(Family.class);
        names.forEach((family, table) -> series.put(family, table.read()));
        List<Sample> samples = new ArrayList<>();
        sources.forEach(source -> source.collect(samples::add));
        return new MetricsReading(
                totals,
                refusals,
                series,
                LatencyReading.of(requestLatencies),
                LatencyReading.of(upstreamLatencies),
                LatencyReading.of(admissionWaits),
                samples);
    }
}

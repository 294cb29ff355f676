package io.penstock.metrics;

import java.nio.charset.StandardCharsets;
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

/** What an access record costs: the worker's part, and the log thread's for each format. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AccessLogBenchmark {
    private static final AccessLogBounds BOUNDS = AccessLogBounds.forWorkers(2);
    private static final byte[] HEAD =
            ("GET shop.example /orders/7/lines a=1&b=2 HTTP/1.1 Mozilla/5.0 (X11; Linux x86_64;"
                            + " rv:140.0) Gecko/20100101 Firefox/140.0 https://shop.example/orders")
                    .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ID = ascii("01JABCDEFGHJKMNPQRSTVWXYZ0");
    private static final byte[] ADDRESS = {10, 1, 2, 3};
    private static final byte[] PROTOCOL = ascii("HTTP/1.1");
    private static final byte[] NAME = ascii("orders");
    private static final byte[] ENDPOINT = ascii("10.0.0.7:8080");

    private final EmptiedRing ring = new EmptiedRing(BOUNDS, new WorkerCounters(SeriesBounds.usual()));
    private final AccessPublisher publisher = ring.publisher();
    private final AccessRecord filled = new AccessRecord(BOUNDS.textBytes());
    private final TrailSteps steps = new TrailSteps();
    private final LineBuffer line = new LineBuffer();
    private final AccessTimes times = new AccessTimes();
    private final AccessLogFormat json = AccessLogFormat.parse("json");
    private final AccessLogFormat common = AccessLogFormat.parse("common");
    private long count;

    public AccessLogBenchmark() {
        filled.clear();
        fill(filled);
    }

    /** Claims, fills and publishes a record; the ring is emptied at no cost, as by a thread on another core. */
    @Benchmark
    public void publish() {
        fill(publisher.claim());
        publisher.publish();
        if ((++count & 1023) == 0) {
            ring.empty();
        }
    }

    /** The ring alone: a record with a status and nothing else. */
    @Benchmark
    public void publishEmpty() {
        publisher.claim().status(200);
        publisher.publish();
        if ((++count & 1023) == 0) {
            ring.empty();
        }
    }

    /** Filling alone, always the same record. */
    @Benchmark
    public void fillOnly() {
        filled.clear();
        fill(filled);
    }

    @Benchmark
    public int formatJson() {
        line.clear();
        json.write(filled, times, line);
        return line.length();
    }

    @Benchmark
    public int formatCommon() {
        line.clear();
        common.write(filled, times, line);
        return line.length();
    }

    private void fill(AccessRecord record) {
        steps.begin(0);
        steps.add(TrailSteps.Kind.ROUTE, TrailSteps.Verdict.CHOSEN, NAME, 1000);
        steps.add(TrailSteps.Kind.ENDPOINT, TrailSteps.Verdict.CHOSEN, ENDPOINT, 2000);
        steps.add(TrailSteps.Kind.END, TrailSteps.Verdict.PASSED, 3000);
        record.started(1_791_640_536_000_042L)
                .duration(1_500_999)
                .upstreamDuration(1_200_000)
                .transferred(12, 3456)
                .status(200)
                .tries(1)
                .text(AccessText.REQUEST_ID, ID)
                .text(AccessText.CLIENT_ADDRESS, ADDRESS)
                .text(AccessText.METHOD, HEAD, 0, 3)
                .text(AccessText.HOST, HEAD, 4, 12)
                .text(AccessText.PATH, HEAD, 17, 15)
                .text(AccessText.QUERY, HEAD, 33, 7)
                .text(AccessText.PROTOCOL, PROTOCOL)
                .text(AccessText.LISTENER, NAME)
                .text(AccessText.ROUTE, NAME)
                .text(AccessText.UPSTREAM, NAME)
                .text(AccessText.ENDPOINT, ENDPOINT)
                .steps(steps)
                .text(AccessText.USER_AGENT, HEAD, 50, 65)
                .text(AccessText.REFERER, HEAD, 116, HEAD.length - 116);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

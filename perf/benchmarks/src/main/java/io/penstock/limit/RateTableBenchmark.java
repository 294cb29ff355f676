package io.penstock.limit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What a rate limit costs a request: taking, refusing, hashing the key, and entering a key that evicts another. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RateTableBenchmark {
    @Param({"1", "100000"})
    int keys;

    private final RateTable table = new RateTable(1 << 18, 0);
    private final LimitPlan generous =
            LimitPlan.of("generous", 1_000_000_000, Duration.ofSeconds(1), 1_000_000_000, true);
    private final LimitPlan exhausted = LimitPlan.of("exhausted", 1, Duration.ofDays(1), 1, true);

    @TearDown
    public void close() {
        table.close();
    }

    /** One worker's clock and the key of its next request. */
    @State(Scope.Thread)
    public static class Worker {
        final KeyHash hash = new KeyHash(1, 2);
        final byte[] address = {10, 0, 0, 0};
        long nowNs;
        int next;

        @Setup(Level.Iteration)
        public void reset() {
            next = 0;
        }

        void nextKey(LimitPlan plan, int keys) {
            // Odd step over the keys: the next one is never in the cache because it is a neighbour.
            next = (next + 77_773) % keys;
            nowNs += 10_000;
            address[1] = (byte) (next >> 16);
            address[2] = (byte) (next >> 8);
            address[3] = (byte) next;
            hash.begin(plan).add(address, 0, 4).finish();
        }
    }

    @Benchmark
    public long hashOnly(Worker worker) {
        worker.nextKey(generous, keys);
        return worker.hash.high();
    }

    @Benchmark
    public long take(Worker worker) {
        worker.nextKey(generous, keys);
        return table.tryAcquire(generous, worker.hash.high(), worker.hash.low(), worker.nowNs);
    }

    @Benchmark
    @Threads(2)
    public long takeFromTwoWorkers(Worker worker) {
        worker.nextKey(generous, keys);
        return table.tryAcquire(generous, worker.hash.high(), worker.hash.low(), worker.nowNs);
    }

    @Benchmark
    public long refuse(Worker worker) {
        worker.nextKey(exhausted, keys);
        return table.tryAcquire(exhausted, worker.hash.high(), worker.hash.low(), 0);
    }

    /** The key is known and hashed, and no cache line is cold: the table alone. */
    @Benchmark
    public long takeWithoutHash(Worker worker) {
        worker.nowNs += 10_000;
        return table.tryAcquire(generous, 0x9e3779b97f4a7c15L, 0x1234_5678_9abc_def0L, worker.nowNs);
    }

    /** Every key is new; its bucket is full of idle ones. */
    @Benchmark
    public long enterAndEvict(Worker worker) {
        worker.nowNs += 1_000_000;
        worker.next++;
        long high = worker.next * 0x9e3779b97f4a7c15L;
        return table.tryAcquire(generous, high, Long.rotateLeft(high, 23) & 1023, worker.nowNs);
    }
}

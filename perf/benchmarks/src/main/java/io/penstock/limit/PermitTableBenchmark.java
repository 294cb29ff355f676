package io.penstock.limit;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Taking a permit and giving it back, alone and by two workers at the same resource. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PermitTableBenchmark {
    private final PermitTable table = new PermitTable(16);
    private final int slot = table.slotOf("pool/a");

    @TearDown
    public void close() {
        table.close();
    }

    @Benchmark
    public boolean takeAndGiveBack() {
        boolean taken = table.tryAcquire(slot, 1000);
        table.release(slot);
        return taken;
    }

    @Benchmark
    @Threads(2)
    public boolean takeAndGiveBackByTwo() {
        boolean taken = table.tryAcquire(slot, 1000);
        table.release(slot);
        return taken;
    }
}

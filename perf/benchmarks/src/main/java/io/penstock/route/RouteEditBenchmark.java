package io.penstock.route;

import java.util.Random;
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
import org.openjdk.jmh.annotations.Warmup;

/** One route replaced, a version published and the one before retired: what a change of one route costs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
public class RouteEditBenchmark {
    /** What the routes look like. */
    @Param({"PATHS", "HOSTS"})
    public RouteWorld world = RouteWorld.PATHS;

    /** How many there are. */
    @Param({"1", "1000", "100000", "1000000"})
    public int routes = 1;

    private final Random random = new Random(1);
    private RouteTableWriter writer = new RouteTableWriter();
    private int priority;

    /** Builds the table. */
    @Setup(Level.Trial)
    public void build() {
        writer = world.writer(routes);
    }

    /** Replaces a route by one of another priority. */
    @Benchmark
    public RouteTable replaceAndPublish() {
        priority++;
        writer.put(world.entry(random.nextInt(routes), priority));
        RouteTable table = writer.publish();
        writer.retireBelow(table.version());
        return table;
    }
}

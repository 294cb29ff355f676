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

/**
 * One lookup in tables of 1 to 1 000 000 routes, for requests of some routes drawn from all of the table: of 8, whose pages
 * stay in the cache, so that the work alone is compared, or of 1024, so that a large table pays its cache misses. Run with
 * {@code -prof gc}: the norm is 0 B/op.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
public class RouteLookupBenchmark {
    /** What the routes look like. */
    @Param({"PATHS", "HOSTS", "TEMPLATES"})
    public RouteWorld world = RouteWorld.PATHS;

    /** How many there are. */
    @Param({"1", "1000", "100000", "1000000"})
    public int routes = 1;

    /** To how many of them the requests go in turn; a power of two. */
    @Param({"8", "1024"})
    public int asked = 8;

    private HeadBytes[] requests = new HeadBytes[0];
    private final RouteLookup lookup = new RouteLookup();
    private RouteTable table = new RouteTableWriter().publish();
    private int next;

    /** Builds the table. */
    @Setup(Level.Trial)
    public void build() {
        table = world.writer(routes).publish();
        Random random = new Random(1);
        requests = new HeadBytes[asked];
        for (int i = 0; i < asked; i++) {
            int route = random.nextInt(routes);
            requests[i] = world.request(route);
            if (lookup.find(table, requests[i]) != route) {
                throw new IllegalStateException("route " + route + " is not found");
            }
        }
    }

    /** A request that some route serves. */
    @Benchmark
    public int find() {
        next = (next + 1) & (asked - 1);
        return lookup.find(table, requests[next]);
    }
}

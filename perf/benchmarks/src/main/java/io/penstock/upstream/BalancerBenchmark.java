package io.penstock.upstream;

import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.MaglevTable;
import io.penstock.limit.Circuits;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.WorkerCounters;
import io.penstock.worker.QuietLoop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the choice of an endpoint costs a request: a few nanoseconds by chance or hash, and a look at all in turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BalancerBenchmark {
    @Param({"4", "100"})
    int endpoints;

    private final OpenRequest request = new OpenRequest();
    private final Chance keys = new Chance(7);
    private Ready ready = Ready.of(1);

    /** A list of endpoints, and every way to choose one of it. */
    private record Ready(
            EndpointList list, RoundRobin roundRobin, LeastRequests leastRequests, Ewma ewma, Maglev maglev) {
        static Ready of(int endpoints) {
            QuietLoop loop = new QuietLoop();
            PermitTable permits = new PermitTable(16);
            Upstreams upstreams = new Upstreams(loop, 1, permits, new WorkerCounters(new SeriesBounds(4, 4, 4, 4)), 42);
            UpstreamPlan.Edit edit = UpstreamPlan.empty().edit();
            List<EndpointSpec> specs =
                    IntStream.range(0, endpoints).mapToObj(Ready::spec).toList();
            EndpointSet set = new EndpointSet("web", -1, specs, Optional.of(MaglevTable.of(specs)));
            int id = edit.put(UpstreamConfig.named("web").build(), set, permits, new Circuits());
            upstreams.adopt(edit.done());
            Upstream upstream = upstreams.find(id);
            EndpointList list = new EndpointList(upstream);
            list.update(set);
            list.settle(loop.nowNs());
            Chance chance = new Chance(11);
            Ready ready = new Ready(
                    list,
                    new RoundRobin(chance),
                    new LeastRequests(chance),
                    new Ewma(upstream.worker()),
                    new Maglev(chance));
            for (Balancer each : List.of(ready.roundRobin, ready.leastRequests, ready.ewma, ready.maglev)) {
                each.endpointsChanged(list.usable(), list);
            }
            for (Endpoint endpoint : list.array()) {
                endpoint.firstByteAverage().add(chance.below(100_000_000), loop.nowNs());
            }
            return ready;
        }

        private static EndpointSpec spec(int i) {
            return new EndpointSpec(
                    new InetSocketAddress("10.0.0." + i, 80),
                    "e" + i,
                    "e" + i,
                    1 + i % 3,
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    false,
                    -1);
        }
    }

    @Setup
    public void open() {
        ready = Ready.of(endpoints);
    }

    @Benchmark
    public Object roundRobin() {
        return Objects.requireNonNull(ready.roundRobin.choose(ready.list.usable(), request));
    }

    @Benchmark
    public Object leastRequests() {
        return Objects.requireNonNull(ready.leastRequests.choose(ready.list.usable(), request));
    }

    @Benchmark
    public Object ewma() {
        return Objects.requireNonNull(ready.ewma.choose(ready.list.usable(), request));
    }

    @Benchmark
    public Object maglev() {
        request.hash(keys.next());
        return Objects.requireNonNull(ready.maglev.choose(ready.list.usable(), request));
    }
}

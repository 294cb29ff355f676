package io.penstock.upstream;

import io.penstock.config.PoolConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointHealth;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.http.HeadLimits;
import io.penstock.http.ParseState;
import io.penstock.http.RequestHead;
import io.penstock.http.RequestHeadParser;
import io.penstock.limit.Circuits;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.FakeChannel;
import io.penstock.transport.FakeLoop;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;

/** Workers' upstreams over fake loops, with one permit table between them. */
final class UpstreamHarness {
    static final String NAME = "web";

    final PermitTable permits = new PermitTable(16);
    final Circuits circuits = new Circuits();
    final List<FakeLoop> loops = new ArrayList<>();
    final List<WorkerCounters> counters = new ArrayList<>();
    final List<Upstreams> workers = new ArrayList<>();
    UpstreamPlan plan = UpstreamPlan.empty();

    UpstreamHarness(int workerCount) {
        for (int i = 0; i < workerCount; i++) {
            FakeLoop loop = new FakeLoop();
            WorkerCounters own = new WorkerCounters(new SeriesBounds(4, 4, 4, 16));
            loops.add(loop);
            counters.add(own);
            workers.add(new Upstreams(loop, workerCount, permits, own, 42 + i));
        }
    }

    /** One worker, one upstream with the defaults, these targets. */
    static UpstreamHarness of(String... targets) {
        UpstreamHarness harness = new UpstreamHarness(1);
        harness.publish(UpstreamConfig.named(NAME), targets);
        return harness;
    }

    void publish(UpstreamConfig.Builder upstream, String... targets) {
        TargetConfig[] configs = List.of(targets).stream().map(TargetConfig::of).toArray(TargetConfig[]::new);
        publish(upstream.targets(configs).build(), endpoints(targets));
    }

    void publish(UpstreamConfig config, EndpointSet endpoints) {
        UpstreamPlan.Edit edit = plan.edit();
        edit.put(config, endpoints, permits, circuits);
        adopt(edit.done());
    }

    void remove(String name) {
        UpstreamPlan.Edit edit = plan.edit();
        edit.remove(name);
        adopt(edit.done());
    }

    private void adopt(UpstreamPlan next) {
        plan = next;
        workers.forEach(worker -> worker.adopt(next));
        loops.forEach(FakeLoop::run);
    }

    /** Says that these endpoints, and no others, take no requests. */
    void setHealth(String... out) {
        List<EndpointHealth> exceptions = List.of(out).stream()
                .map(target -> new EndpointHealth(endpoint(target).address(), false, false, 0))
                .toList();
        workers.forEach(worker -> worker.setHealth(new UpstreamHealth(NAME, 0, exceptions)));
    }

    /** Says that an endpoint begins to warm now. */
    void warm(String target, Duration slowStart) {
        EndpointHealth warming = new EndpointHealth(endpoint(target).address(), true, true, loop().nowNs());
        workers.forEach(worker -> worker.setHealth(new UpstreamHealth(NAME, slowStart.toNanos(), List.of(warming))));
    }

    static EndpointSet endpoints(String... targets) {
        return new EndpointSet(
                NAME,
                0,
                List.of(targets).stream().map(UpstreamHarness::endpoint).toList());
    }

    static EndpointSpec endpoint(String target) {
        return endpoint(target, 1, true);
    }

    static EndpointSpec endpoint(String target, int weight, boolean isGranted) {
        return endpoint(target, weight, isGranted, false);
    }

    static EndpointSpec draining(String target) {
        return endpoint(target, 1, true, true);
    }

    private static EndpointSpec endpoint(String target, int weight, boolean isGranted, boolean isDraining) {
        int colon = target.indexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
        return new EndpointSpec(
                address,
                target,
                target,
                weight,
                Optional.empty(),
                Optional.empty(),
                isGranted,
                isDraining,
                address.getPort() % 16);
    }

    static UpstreamConfig.Builder withPool(UnaryOperator<Pool> edit) {
        Pool pool = edit.apply(new Pool());
        return UpstreamConfig.named(NAME)
                .pool(new PoolConfig(
                        pool.max, pool.pending, pool.pendingTimeout, pool.idleTimeout, pool.maxAge, pool.requestsMax));
    }

    FakeLoop loop() {
        return loops.getFirst();
    }

    Upstream upstream() {
        return upstream(0);
    }

    Upstream upstream(int worker) {
        return workers.get(worker).find(plan.idOf(NAME).orElseThrow());
    }

    FakeChannel channel() {
        return loop().lastConnect();
    }

    /** Opens a stream on a new connection, which is made at once, or on one from the pool. */
    FakeExchange exchange() {
        return exchange(0);
    }

    FakeExchange exchange(int worker) {
        FakeExchange exchange = new FakeExchange();
        open(exchange, worker);
        return exchange;
    }

    void open(FakeExchange exchange, int worker) {
        int before = loops.get(worker).connects().size();
        upstream(worker).open(exchange.request, exchange);
        if (loops.get(worker).connects().size() > before) {
            loops.get(worker).lastConnect().open();
        }
    }

    /** An exchange with a GET under way. */
    FakeExchange get() {
        FakeExchange exchange = exchange();
        exchange.stream().sendHead(head("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), true);
        return exchange;
    }

    /** Lets a GET pass from its beginning to its end. */
    FakeExchange wholeGet() {
        FakeExchange exchange = get();
        channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        return exchange;
    }

    void advance(Duration time) {
        // All loops share one time; in steps of a tick, so that what one gives back the others can see.
        for (long left = time.toMillis(); left > 0; left -= 16) {
            loops.forEach(loop -> loop.advance(Duration.ofMillis(16)));
        }
    }

    static RequestHead head(String text) {
        RequestHead head = new RequestHead();
        RequestHeadParser parser = new RequestHeadParser(HeadLimits.DEFAULT);
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int taken = parser.feed(new UnsafeBuffer(bytes), 0, bytes.length, head);
        if (parser.state() != ParseState.COMPLETE || taken != bytes.length) {
            throw new AssertionError("not a head: " + parser.state());
        }
        return head;
    }

    static UnsafeBuffer bytes(String text) {
        return new UnsafeBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The pool's settings, to be changed one by one. */
    static final class Pool {
        int max = 1024;
        int pending = 1024;
        Duration pendingTimeout = Duration.ofSeconds(1);
        Duration idleTimeout = Duration.ofSeconds(60);
        Optional<Duration> maxAge = Optional.empty();
        Optional<Integer> requestsMax = Optional.empty();

        Pool max(int value) {
            max = value;
            return this;
        }

        Pool pending(int value) {
            pending = value;
            return this;
        }

        Pool pendingTimeout(Duration value) {
            pendingTimeout = value;
            return this;
        }

        Pool idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        Pool maxAge(Duration value) {
            maxAge = Optional.of(value);
            return this;
        }

        Pool requestsMax(int value) {
            requestsMax = Optional.of(value);
            return this;
        }
    }
}

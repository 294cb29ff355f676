package io.penstock.worker;

import io.penstock.config.LimitConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Rate;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.limit.Circuits;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.PermitTable;
import io.penstock.limit.QuotaTable;
import io.penstock.limit.RateTable;
import io.penstock.metrics.AccessLogBounds;
import io.penstock.metrics.EmptiedRing;
import io.penstock.metrics.Family;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.WorkerMeters;
import io.penstock.snapshot.FilterSources;
import io.penstock.snapshot.LimitPlans;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.OpenedFilters;
import io.penstock.snapshot.Pins;
import io.penstock.snapshot.SnapshotCompiler;
import io.penstock.snapshot.SnapshotDraft;
import io.penstock.snapshot.SnapshotRefusedException;
import io.penstock.spi.WorkerId;
import io.penstock.transport.BoundSocket;
import io.penstock.upstream.UpstreamPlan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A whole worker on a {@link QuietLoop}, with one listener and one upstream of one endpoint, metrics and access records. */
final class QuietWorker {
    private static final int RECORDS_BETWEEN_EMPTYINGS = 1024;
    private static final String ENDPOINT = "192.0.2.9:80";
    private static final Rate ENOUGH = Rate.parse("1000000000/s");

    private final QuietLoop loop = new QuietLoop();
    private final EmptiedRing accessLog;
    private final Worker worker;
    private long turns;

    /** @param limited whether each request takes a permit of a rate limit by client address */
    QuietWorker(boolean limited) throws SnapshotRefusedException {
        PermitTable permits = new PermitTable(64);
        Pins pins = new Pins(1);
        Metrics metrics = new Metrics(1, SeriesBounds.usual());
        SnapshotCompiler compiler = new SnapshotCompiler(
                FilterSources.of(List.of()),
                1,
                permits,
                metrics.names(Family.ROUTE),
                metrics.names(Family.LISTENER),
                metrics.names(Family.BACKEND),
                metrics.names(Family.FILTER),
                new LimitPlans(metrics.names(Family.LIMIT), Clock.systemUTC()));
        accessLog = new EmptiedRing(AccessLogBounds.forWorkers(1), metrics.counters(0));
        worker = Worker.assemble(
                new WorkerId(0, 1),
                loop,
                new SharedTables(
                        new RateTable(1 << 10, loop.nowNs()),
                        new QuotaTable(1 << 10),
                        permits,
                        new KeyedPermitTable(1),
                        new Circuits(),
                        pins,
                        1,
                        2),
                new WorkerMeters(
                        metrics.counters(0),
                        metrics.requestLatency(0),
                        metrics.upstreamLatency(0),
                        metrics.admissionWait(0),
                        accessLog.publisher(),
                        metrics.heads(0)),
                compiler.current(0),
                name -> CompletableFuture.failedFuture(new UnknownHostException(name)),
                Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC),
                42,
                reply -> {});
        loop.run();
        adopt(compiler, config(limited), permits);
    }

    private static ProxyConfig config(boolean limited) {
        RouteConfig.Builder route = RouteConfig.named("orders")
                .matches(RouteMatch.of(PathMatch.prefix("/api/orders")))
                .service("backend");
        return ProxyConfig.empty()
                .with(ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:8080"))
                        .build())
                .with(UpstreamConfig.named("backend")
                        .targets(TargetConfig.of(ENDPOINT))
                        .build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(LimitConfig.named("per-client", ENOUGH)
                        .key("clientAddress")
                        .build())
                .with((limited ? route.limits("per-client") : route).build());
    }

    private void adopt(SnapshotCompiler compiler, ProxyConfig config, PermitTable permits)
            throws SnapshotRefusedException {
        UpstreamPlan.Edit edit = UpstreamPlan.empty().edit();
        for (UpstreamConfig upstream : config.upstreams()) {
            edit.put(upstream, endpoint(upstream.name()), permits, new Circuits());
        }
        UpstreamPlan plan = edit.done();
        SnapshotDraft draft = compiler.compile(
                ProxyConfig.empty(), config, name -> plan.idOf(name).orElseThrow(), OpenedFilters.none());
        compiler.accept(draft, config);
        ListenerRuntime listener = draft.opened().iterator().next();
        worker.carryOut(new WorkerCommand.AdoptSnapshot(
                draft.snapshot(1),
                plan,
                List.of(),
                List.of(new WorkerCommand.ListenerOpening(
                        listener, List.of(new NoSocket()), Optional.empty(), List.of())),
                draft.closed()));
        loop.run();
    }

    private static EndpointSet endpoint(String upstream) {
        InetSocketAddress address = new InetSocketAddress("192.0.2.9", 80);
        return new EndpointSet(
                upstream,
                0,
                List.of(new EndpointSpec(
                        address, ENDPOINT, ENDPOINT, 1, Optional.empty(), Optional.empty(), true, false, 0)));
    }

    /** A client that has connected. */
    QuietChannel client() {
        return loop.incoming();
    }

    /** The connection to the endpoint, of which there may only be one. */
    QuietChannel endpoint() {
        if (loop.connects() != 1) {
            throw new IllegalStateException(loop.connects() + " connections to the endpoint");
        }
        return loop.outgoing();
    }

    /** Ends a turn of the loop, which took so long. */
    void turn(long tookNs) {
        loop.turn(tookNs);
        if (++turns % RECORDS_BETWEEN_EMPTYINGS == 0) {
            accessLog.empty();
        }
    }

    private record NoSocket() implements BoundSocket {
        @Override
        public int descriptor() {
            throw new IllegalStateException("it is none of the kernel's");
        }

        @Override
        public InetSocketAddress localAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
        }

        @Override
        public void close() {}
    }
}

package io.penstock.upstream;

import io.penstock.config.BalancerType;
import io.penstock.config.RetryConfig;
import io.penstock.discovery.DnsLookup;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.OutcomeReport;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.limit.Circuit;
import io.penstock.limit.KeyHash;
import io.penstock.limit.PermitTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Loop;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** All upstreams of one worker. */
@WorkerConfined
public final class Upstreams {
    /** How long an upstream that was removed is still found, for exchanges that began before, in nanoseconds. */
    static final long REMOVED_KEPT_NS = 60_000_000_000L;

    /** How many removed upstreams are kept at most; beyond it the oldest go at once. */
    static final int REMOVED_KEPT_MAX = 1024;

    private final UpstreamWorker worker;
    private final Int2ObjectHashMap<Upstream> byId = new Int2ObjectHashMap<>();
    private final ArrayDeque<Upstream> removed = new ArrayDeque<>();
    private final Upstream absent;
    private UpstreamPlan plan = UpstreamPlan.empty();
    private @Nullable OwnRequests ownRequests;

    /**
     * Upstreams of the worker that {@code loop} belongs to, none at first.
     *
     * @param workers how many workers share the permits
     * @param permits counts connections and waiting requests of all workers
     * @param seed of the balancers' chance and the connections' ages; another one for each worker
     */
    public Upstreams(Loop loop, int workers, PermitTable permits, WorkerCounters counters, long seed) {
        this.worker = new UpstreamWorker(loop, workers, permits, counters, seed);
        this.absent = new Upstream(worker, absentSpec());
    }

    /**
     * Makes a plan the current one. Upstreams and endpoints that stay keep their connections, load and counters; what is
     * gone finishes its exchanges and closes its idle connections. Costs what changed; never fails.
     */
    public void adopt(UpstreamPlan next) {
        UpstreamPlan before = plan;
        plan = next;
        next.changesSince(before, new UpstreamPlan.Changes() {
            @Override
            public void removed(UpstreamSpec spec) {
                remove(spec.id());
            }

            @Override
            public void put(UpstreamSpec spec) {
                Upstream upstream = byId.get(spec.id());
                if (upstream == null) {
                    byId.put(spec.id(), new Upstream(worker, spec));
                } else {
                    upstream.adopt(spec);
                }
            }
        });
        forgetRemoved();
        OwnRequests own = ownRequests;
        if (own != null) {
            own.adopt(next.ownGrants(), next.ownTls());
        }
    }

    /** Replaces the endpoints of one upstream; of no effect if the current plan has no such upstream. */
    public void update(EndpointSet endpoints) {
        UpstreamSpec spec = plan.find(endpoints.upstream());
        if (spec != null) {
            find(spec.id()).update(endpoints);
        }
    }

    /** Takes what is known of the health of an upstream's endpoints; of no effect if the current plan has none of that name. */
    public void setHealth(UpstreamHealth health) {
        UpstreamSpec spec = plan.find(health.upstream());
        if (spec != null) {
            find(spec.id()).setHealth(health);
        }
    }

    /** Gives the key under which clients see what they must not understand; once, before the first plan. */
    public void secret(KeyHash keyed) {
        worker.secret(keyed);
    }

    /** Has the control thread told what becomes of requests at endpoints whose health is watched; once. */
    public void outcomes(Consumer<OutcomeReport> hears) {
        worker.outcomes(hears);
    }

    /** The upstream of an id; one that fails with {@code NO_ENDPOINT} if there is none, or none any more. */
    public Upstream find(int upstreamId) {
        Upstream upstream = byId.get(upstreamId);
        return upstream == null ? absent : upstream;
    }

    /** The upstream of a name in the current plan; null if there is none. */
    public @Nullable Upstream find(String name) {
        UpstreamSpec spec = plan.find(name);
        return spec == null ? null : byId.get(spec.id());
    }

    /** Requests of filters' own, on connections of this worker; once. */
    public OwnRequests ownRequests(DnsLookup dns, InstantSource clock) {
        OwnRequests own = new OwnRequests(worker, dns, clock);
        ownRequests = own;
        return own;
    }

    /** Connections of this worker to all endpoints. */
    public int connections() {
        int[] sum = {0};
        byId.forEachInt((id, upstream) -> sum[0] += upstream.connections());
        return sum[0];
    }

    /** Closes all idle connections and keeps none from now on; exchanges under way go on. */
    public void drain() {
        worker.drain();
        byId.forEachInt((id, upstream) -> upstream.closeIdle());
    }

    private void remove(int id) {
        Upstream upstream = byId.get(id);
        if (upstream != null) {
            upstream.remove();
            removed.add(upstream);
        }
    }

    // Removed upstreams leave here rather than by a timer of their own: they hold no connection without an exchange,
    // and only a plan can add to them.
    private void forgetRemoved() {
        long nowNs = worker.loop().nowNs();
        while (!removed.isEmpty()
                && (removed.size() > REMOVED_KEPT_MAX
                        || nowNs - removed.getFirst().removedNs() > REMOVED_KEPT_NS)) {
            byId.remove(removed.removeFirst().id());
        }
    }

    private static UpstreamSpec absentSpec() {
        return new UpstreamSpec(
                -1,
                "",
                BalancerType.ROUND_ROBIN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                new EndpointSet("", -1, List.of()),
                new UpstreamSpec.Timeouts(1, 1, 1),
                new UpstreamSpec.Pool(0, 0, 0, 0, 1, 1, 1, 1),
                UpstreamSpec.Retries.compile(RetryConfig.DEFAULTS),
                false,
                UpstreamSpec.Bounds.NONE,
                new Circuit(),
                null);
    }
}

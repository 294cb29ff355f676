package io.penstock.upstream;

import io.penstock.config.BalancerType;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Timer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One upstream on one worker: chooses an endpoint and finds a connection for each request.
 *
 * <p>A request takes, in this order: an idle connection to the endpoint that the balancer chose; a new connection to it, if
 * {@code pool.max} allows one more; an idle connection to any other endpoint it may use; a place in the queue. While
 * requests wait, new ones queue behind them.
 */
@WorkerConfined
public final class Upstream {
    /** How often a worker with idle connections looks whether others need them more, in nanoseconds. */
    static final long PRESSURE_CHECK_NS = 128_000_000L;

    private static final Endpoint[] NO_ENDPOINTS = new Endpoint[0];

    private final UpstreamWorker worker;
    private final WorkerCounters counters;
    private final PermitShare share;
    private final PendingQueue pending = new PendingQueue();
    private final Watch watch = new Watch();
    private final byte[] nameBytes;
    private UpstreamSpec spec;
    private Balancer balancer;
    private Endpoint[] endpoints = NO_ENDPOINTS;
    private int seriesId = -1;
    private int connections;
    private int idleConnections;
    private boolean isServing;
    private boolean mustServeAgain;
    private boolean isRemoved;
    private long removedNs;

    Upstream(UpstreamWorker worker, UpstreamSpec spec) {
        this.worker = worker;
        this.spec = spec;
        this.nameBytes = spec.name().getBytes(StandardCharsets.UTF_8);
        this.counters = worker.counters();
        this.share = new PermitShare(
                worker.permits(),
                worker.workers(),
                spec.pool().connectionPermits(),
                spec.pool().pendingPermits());
        this.balancer = balancerOf(spec.balancer());
        update(spec.endpoints());
    }

    /** Its id in the plan. */
    public int id() {
        return spec.id();
    }

    /** The name in UTF-8, for records; not to be written to. */
    public byte[] nameBytes() {
        return nameBytes;
    }

    /** Its name. */
    public String name() {
        return spec.name();
    }

    /** The id of its metrics, -1 where it counts among the others. */
    public int seriesId() {
        return seriesId;
    }

    /** How much of a request body an exchange should keep for sending it again, in bytes. */
    public int retryBufferBytes() {
        return spec.retryBufferBytes();
    }

    /** How many endpoints there are, those that may not be used included. */
    public int endpointCount() {
        return endpoints.length;
    }

    /** An endpoint by its index, which holds until the next plan or update. */
    public Endpoint endpoint(int index) {
        return endpoints[index];
    }

    /** Connections of this worker to all its endpoints, idle ones and those being made included. */
    public int connections() {
        return connections;
    }

    /** Requests of this worker that wait for a connection. */
    public int pendingRequests() {
        return pending.size();
    }

    /** Whether another attempt would find an endpoint that the request has not tried. */
    public boolean hasUntried(OpenRequest request) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.mayTake(request)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Opens a stream to one of the endpoints. Exactly one of {@link UpstreamStreamHandler#streamOpened} and
     * {@link UpstreamStreamHandler#streamFailed} follows, perhaps before this returns, unless the request is cancelled.
     * A failure to open is always {@code NOTHING_SENT}.
     *
     * @param request not pending; belongs to this upstream until one of these happened
     * @return the request itself, to cancel it by
     */
    public PendingOpen open(OpenRequest request, UpstreamStreamHandler handler) {
        request.begin(this, handler);
        if (!pending.isEmpty() || !tryServe(request)) {
            enqueue(request);
        }
        return request;
    }

    UpstreamWorker worker() {
        return worker;
    }

    UpstreamSpec spec() {
        return spec;
    }

    long removedNs() {
        return removedNs;
    }

    void adopt(UpstreamSpec next) {
        boolean hasOtherBalancer = next.balancer() != spec.balancer();
        spec = next;
        if (hasOtherBalancer) {
            balancer = balancerOf(next.balancer());
            balancer.endpointsChanged(endpoints);
        }
        update(next.endpoints());
    }

    /** Takes other endpoints: those that stay keep their connections and load. */
    void update(EndpointSet next) {
        countUnder(next.seriesId());
        List<EndpointSpec> specs = next.endpoints();
        Map<InetSocketAddress, Endpoint> before = new HashMap<>();
        for (Endpoint endpoint : endpoints) {
            before.put(endpoint.address(), endpoint);
        }
        Endpoint[] after = new Endpoint[specs.size()];
        boolean isSame = after.length == endpoints.length;
        for (int i = 0; i < after.length; i++) {
            EndpointSpec wanted = specs.get(i);
            Endpoint kept = before.remove(wanted.address());
            isSame = isSame && kept == endpoints[i] && kept.spec().equals(wanted);
            if (kept == null) {
                after[i] = new Endpoint(this, wanted);
            } else {
                after[i] = kept;
                kept.update(wanted);
            }
        }
        if (!isSame) {
            endpoints = after;
            before.values().forEach(Endpoint::remove);
            balancer.endpointsChanged(after);
            serveWaiting();
        }
    }

    /** The upstream is in no plan any more: exchanges that know it may still open streams, and no connection is kept. */
    void remove() {
        isRemoved = true;
        removedNs = worker.loop().nowNs();
        // The series may become another upstream's before the last exchange here has ended.
        countUnder(-1);
        for (Endpoint endpoint : endpoints) {
            endpoint.remove();
        }
    }

    void closeIdle() {
        for (Endpoint endpoint : endpoints) {
            endpoint.pool().closeAll();
        }
    }

    void cancel(OpenRequest request) {
        Http1UpstreamConnection connection = request.connecting();
        leaveQueue(request);
        request.resolve();
        if (connection != null) {
            connection.cancelConnecting();
        }
    }

    /** Whether a connection whose exchange has ended may carry another one. */
    boolean keeps(Http1UpstreamConnection connection) {
        return !isRemoved
                && !worker.isDraining()
                && connection.endpoint().keepsConnections()
                && !share.mustGiveUp(
                        spec.pool().connectionsMax(),
                        connections,
                        pending.size(),
                        worker.loop().nowNs());
    }

    /** A connection has become idle; {@link #serveWaiting} must follow once its exchange has been told. */
    void becameIdle(Http1UpstreamConnection connection) {
        connection.endpoint().pool().add(connection);
        connection.endpoint().becameIdle();
        idleConnections++;
        counters.add(Counter.UPSTREAM_CONNECTIONS_IDLE);
        if (!watch.isArmed()) {
            worker.loop().wheel().arm(watch, worker.loop().nowNs() + PRESSURE_CHECK_NS);
        }
    }

    /** An idle connection was taken for an exchange, or is being closed. */
    void leftIdle(Endpoint endpoint) {
        endpoint.leftIdle();
        idleConnections--;
        counters.add(Counter.UPSTREAM_CONNECTIONS_IDLE, -1);
    }

    /** A connection is gone, whatever it was doing. */
    void connectionGone(Http1UpstreamConnection connection) {
        connections--;
        counters.add(Counter.UPSTREAM_CONNECTIONS_OPEN, -1);
        counters.add(Counter.UPSTREAM_CLOSED);
        connection.endpoint().connectionGone();
        share.releaseConnection();
        serveWaiting();
    }

    /** The connection that was being made for a request could not be made. */
    void connectFailed(OpenRequest request, CloseCause cause) {
        Endpoint endpoint = request.endpoint();
        request.avoid(endpoint);
        endpoint.connectFailed();
        endpoint.requestFailed();
        fail(request, cause == CloseCause.CONNECT_TIMEOUT ? Reason.CONNECT_TIMEOUT : Reason.CONNECT_FAILED);
    }

    /** Gives what has become free to those that wait, oldest first. */
    void serveWaiting() {
        // Serving can make something free (a connection closed for another one's sake), which leads back to here.
        mustServeAgain = true;
        if (isServing) {
            return;
        }
        isServing = true;
        try {
            while (mustServeAgain) {
                mustServeAgain = false;
                OpenRequest first = pending.first();
                while (first != null && tryServe(first)) {
                    first = pending.first();
                }
            }
        } finally {
            isServing = false;
        }
    }

    /** Whether the request needs to wait no longer: it has its connection or will have it, or has failed. */
    private boolean tryServe(OpenRequest request) {
        long nowNs = worker.loop().nowNs();
        // Whoever waits asks for a permit first: a choice moves the balancer on, so none is made in vain on every poll.
        boolean hasPermit = false;
        if (request.isQueued && idleConnections == 0) {
            hasPermit = tryAcquireConnection(nowNs);
            if (!hasPermit) {
                return false;
            }
        }
        int index = balancer.choose(endpoints, request);
        if (index == Balancer.NONE) {
            giveBack(hasPermit);
            leaveQueue(request);
            fail(request, whyNone(request));
            return true;
        }
        Endpoint chosen = endpoints[index];
        Http1UpstreamConnection idle =
                request.needsFresh() ? null : chosen.pool().tryTake(nowNs);
        if (idle == null && (hasPermit || tryAcquireConnection(nowNs))) {
            leaveQueue(request);
            connect(chosen, request);
            return true;
        }
        giveBack(hasPermit);
        if (idle == null && !request.needsFresh()) {
            idle = takeIdleElsewhere(request, nowNs);
        }
        if (idle == null) {
            // What is idle now is of no use to this request, and its permit is.
            closeOldestIdle(1);
            return false;
        }
        leaveQueue(request);
        request.choose(idle.endpoint());
        idle.startReused(request.resolve());
        return true;
    }

    private boolean tryAcquireConnection(long nowNs) {
        return share.tryAcquireConnection(spec.pool().connectionsMax(), pending.size(), nowNs);
    }

    private void giveBack(boolean hasPermit) {
        if (hasPermit) {
            share.releaseConnection();
        }
    }

    // Null if there is none; on the request path, so no Optional.
    private @Nullable Http1UpstreamConnection takeIdleElsewhere(OpenRequest request, long nowNs) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.mayTake(request)) {
                Http1UpstreamConnection idle = endpoint.pool().tryTake(nowNs);
                if (idle != null) {
                    return idle;
                }
            }
        }
        return null;
    }

    private void connect(Endpoint endpoint, OpenRequest request) {
        connections++;
        counters.add(Counter.UPSTREAM_CONNECTIONS_OPEN);
        endpoint.connectionAdded();
        request.choose(endpoint);
        Http1UpstreamConnection connection = new Http1UpstreamConnection(this, endpoint);
        request.connecting(connection);
        connection.connect(request);
    }

    private void enqueue(OpenRequest request) {
        if (!share.tryAcquirePending(spec.pool().pendingMax())) {
            counters.add(SeriesCounter.UPSTREAM_PENDING_REFUSED, seriesId, 1);
            fail(request, Reason.POOL_PENDING_FULL);
            return;
        }
        long nowNs = worker.loop().nowNs();
        request.pendingDeadlineNs = nowNs + spec.pool().pendingTimeoutNs();
        pending.add(request);
        countPending(1);
        if (pending.size() == 1) {
            // Only the first: arming it again for every other one would put the poll off for ever.
            worker.loop().wheel().arm(watch, nowNs + PermitShare.POLL_NS);
        }
    }

    private void leaveQueue(OpenRequest request) {
        if (request.isQueued) {
            pending.remove(request);
            share.releasePending();
            countPending(-1);
        }
    }

    private static void fail(OpenRequest request, Reason reason) {
        request.resolve().streamFailed(new UpstreamFailure(reason, UpstreamFailure.Retry.NOTHING_SENT));
    }

    // A drain is what an operator did last and undoes first; a grant that is missing comes next.
    private Reason whyNone(OpenRequest request) {
        Reason reason = Reason.NO_ENDPOINT;
        for (Endpoint endpoint : endpoints) {
            if (!request.hasTried(endpoint)) {
                if (endpoint.isHeldBackByDrain()) {
                    return Reason.ENDPOINTS_DRAINING;
                }
                if (!endpoint.isGranted()) {
                    reason = Reason.ENDPOINT_NOT_GRANTED;
                }
            }
        }
        return reason;
    }

    private void closeOldestIdle(long count) {
        long left = count;
        for (int i = 0; i < endpoints.length && left > 0; i++) {
            left -= endpoints[i].pool().closeOldest(left);
        }
    }

    private void expirePending(long nowNs) {
        OpenRequest request = pending.first();
        while (request != null) {
            OpenRequest next = request.queueNext;
            if (nowNs >= request.pendingDeadlineNs) {
                leaveQueue(request);
                counters.add(SeriesCounter.UPSTREAM_PENDING_REFUSED, seriesId, 1);
                fail(request, Reason.POOL_PENDING_TIMEOUT);
                // Whoever was told may have changed the queue.
                next = pending.first();
            }
            request = next;
        }
    }

    void tried() {
        counters.add(SeriesCounter.UPSTREAM_TRIES, seriesId, 1);
    }

    void tryFailed() {
        counters.add(Counter.UPSTREAM_FAILURES);
        counters.add(SeriesCounter.UPSTREAM_TRY_FAILURES, seriesId, 1);
    }

    void answered(int status) {
        counters.responded(SeriesCounter.UPSTREAM_RESPONSES_1XX, seriesId, status);
    }

    private void countPending(int change) {
        counters.add(Counter.POOL_PENDING, change);
        counters.add(SeriesCounter.UPSTREAM_PENDING, seriesId, change);
    }

    private void countUnder(int id) {
        if (id != seriesId) {
            counters.add(SeriesCounter.UPSTREAM_PENDING, seriesId, -pending.size());
            seriesId = id;
            counters.add(SeriesCounter.UPSTREAM_PENDING, seriesId, pending.size());
        }
    }

    private Balancer balancerOf(BalancerType type) {
        return switch (type) {
            case ROUND_ROBIN -> new RoundRobin(worker.chance());
            case LEAST_REQUESTS -> new LeastRequests(worker.chance());
        };
    }

    /** Looks after requests that wait, and after idle connections that other workers need more. Sleeps if there are none. */
    private final class Watch extends Timer {
        @Override
        protected void expired(long nowNs) {
            expirePending(nowNs);
            serveWaiting();
            if (pending.isEmpty() && idleConnections > 0) {
                closeOldestIdle(share.wantedElsewhere(spec.pool().connectionsMax(), 0));
            }
            if (!pending.isEmpty()) {
                worker.loop().wheel().arm(this, nowNs + PermitShare.POLL_NS);
            } else if (idleConnections > 0) {
                worker.loop().wheel().arm(this, nowNs + PRESSURE_CHECK_NS);
            }
        }
    }
}

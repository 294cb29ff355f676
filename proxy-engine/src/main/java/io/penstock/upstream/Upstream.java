package io.penstock.upstream;

import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Timer;
import java.nio.charset.StandardCharsets;
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

    /** How often the shares of endpoints that are warming grow, in nanoseconds. */
    static final long WARMING_STEP_NS = 256_000_000L;

    private final UpstreamWorker worker;
    private final UpstreamMeters meters;
    private final UpstreamCircuit circuit;
    private final PermitShare share;
    private final PendingQueue pending = new PendingQueue();
    private final EndpointList endpoints = new EndpointList(this);
    private final Watch watch = new Watch();
    private final OutcomeWatch outcomes = new OutcomeWatch(this);
    private final Warming warming = new Warming();
    private final byte[] nameBytes;
    private UpstreamSpec spec;
    private final EndpointChoice choice;
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
        this.meters = new UpstreamMeters(worker.counters());
        this.circuit = new UpstreamCircuit(worker, meters, spec);
        this.share = new PermitShare(
                worker.permits(),
                worker.workers(),
                spec.pool().connectionPermits(),
                spec.pool().pendingPermits());
        this.choice = new EndpointChoice(worker, endpoints, spec);
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
        return meters.seriesId();
    }

    /** When a request is sent again. */
    public UpstreamSpec.Retries retries() {
        return spec.retries();
    }

    /** How long its answers may make no progress, and its tunnels unless their route says otherwise. */
    public long idleTimeoutNs() {
        return spec.timeouts().idleNs();
    }

    /** Whether its connections tell who is behind them, so that {@link OpenRequest#client} is wanted. */
    public boolean wantsClient() {
        return spec.proxyProtocol().isPresent();
    }

    /** What all workers share about it. */
    public UpstreamCircuit circuit() {
        return circuit;
    }

    /** Whether its balancer goes by the hash of a key. */
    public boolean hashes() {
        return choice.hashes();
    }

    /** Gives a request the key by which its endpoint is chosen. */
    public void hash(OpenRequest request, String key) {
        choice.hash(request, key);
    }

    /** Reads out of a request what the balancer goes by: the key that it hashes, or its cookie. */
    public void aim(OpenRequest request, RequestHead head, byte[] clientAddress) {
        choice.aim(request, head, clientAddress);
    }

    /** Tells the client by the head of its answer where it belongs, where the balancer goes by a cookie. */
    public void answered(OpenRequest request, ResponseHead head) {
        choice.answered(request, head);
    }

    /** How many endpoints there are, those that may not be used included. */
    public int endpointCount() {
        return endpoints.count();
    }

    /** An endpoint by its index, which holds until the next plan or update. */
    public Endpoint endpoint(int index) {
        return endpoints.array()[index];
    }

    /** The endpoint that has an address as text, or is called so in the config; null if there is none. */
    public @Nullable Endpoint endpoint(String addressOrName) {
        return endpoints.find(addressOrName);
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
        return endpoints.hasUntried(request);
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

    UpstreamMeters meters() {
        return meters;
    }

    UpstreamSpec spec() {
        return spec;
    }

    long removedNs() {
        return removedNs;
    }

    void adopt(UpstreamSpec next) {
        boolean isOtherChoice = next.balancer() != spec.balancer()
                || !next.hashKey().equals(spec.hashKey())
                || !next.sticky().equals(spec.sticky())
                || !next.locality().equals(spec.locality());
        if (!next.proxyProtocol().equals(spec.proxyProtocol())) {
            // They have begun otherwise than connections do from now on.
            endpoints.closeIdle();
        }
        if (next.isMultiplexed() != spec.isMultiplexed()) {
            // What is spoken has changed: no connection of before serves another request.
            endpoints.retireConnections();
        }
        spec = next;
        circuit.adopt(next);
        choice.adopt(next);
        if (isOtherChoice) {
            settle();
        }
        update(next.endpoints());
    }

    /** Takes other endpoints: those that stay keep their connections and load. */
    void update(EndpointSet next) {
        meters.countUnder(next.seriesId(), pending.size());
        outcomes.on(spec.reportsOutcomes());
        if (endpoints.update(next)) {
            settle();
            serveWaiting();
        }
    }

    /** Takes what the control thread knows of the endpoints' health. */
    void setHealth(UpstreamHealth health) {
        endpoints.health(health);
        settle();
        serveWaiting();
    }

    private void settle() {
        long nowNs = worker.loop().nowNs();
        boolean isGrowing = choice.settle(nowNs);
        if (isGrowing && !warming.isArmed()) {
            worker.loop().wheel().arm(warming, nowNs + WARMING_STEP_NS);
        }
    }

    OutcomeWatch outcomes() {
        return outcomes;
    }

    /** The upstream is in no plan any more: exchanges that know it may still open streams, and no connection is kept. */
    void remove() {
        isRemoved = true;
        removedNs = worker.loop().nowNs();
        // The series may become another upstream's before the last exchange here has ended.
        meters.countUnder(-1, pending.size());
        endpoints.removeAll();
    }

    void closeIdle() {
        endpoints.closeIdle();
    }

    void cancel(OpenRequest request) {
        ConnectionBeingMade connection = request.connecting();
        leaveQueue(request);
        request.resolve();
        if (connection != null) {
            connection.cancelConnecting();
        }
    }

    /** Whether a connection whose exchange has ended may carry another one. */
    boolean keeps(Endpoint endpoint) {
        return !isRemoved
                // A connection that has told of one client is of no use to another.
                && spec.proxyProtocol().isEmpty()
                && !worker.isDraining()
                && endpoint.keepsConnections()
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
        meters.idle(1);
        if (!watch.isArmed()) {
            worker.loop().wheel().arm(watch, worker.loop().nowNs() + PRESSURE_CHECK_NS);
        }
    }

    /** An idle connection was taken for an exchange, or is being closed. */
    void leftIdle(Endpoint endpoint) {
        endpoint.leftIdle();
        idleConnections--;
        meters.idle(-1);
    }

    /** A connection of many streams has none, or has some again. */
    void multiplexedIdle(Endpoint endpoint, boolean isIdle) {
        if (!isIdle) {
            leftIdle(endpoint);
            return;
        }
        endpoint.becameIdle();
        idleConnections++;
        meters.idle(1);
        if (!watch.isArmed()) {
            worker.loop().wheel().arm(watch, worker.loop().nowNs() + PRESSURE_CHECK_NS);
        }
    }

    /** A connection is gone, whatever it was doing. */
    void connectionGone(Endpoint endpoint) {
        connections--;
        meters.connectionGone();
        endpoint.connectionGone();
        share.releaseConnection();
        serveWaiting();
    }

    /** The connection that was being made for a request could not be made. */
    void connectFailed(OpenRequest request, Reason why) {
        Endpoint endpoint = request.endpoint();
        request.avoid(endpoint);
        endpoint.connectFailed();
        endpoint.requestFailed();
        endpoint.erred();
        fail(request, why);
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
        if (spec.isMultiplexed() && !request.isTunnel()) {
            return tryServeMultiplexed(request, nowNs);
        }
        // Whoever waits asks for a permit first: a choice moves the balancer on, so none is made in vain on every poll.
        boolean hasPermit = false;
        if (request.isQueued && idleConnections == 0) {
            hasPermit = tryAcquireConnection(nowNs);
            if (!hasPermit) {
                return false;
            }
        }
        Endpoint chosen = choice.choose(request);
        if (chosen == null) {
            giveBack(hasPermit);
            leaveQueue(request);
            fail(request, endpoints.whyNone(request));
            return true;
        }
        Http1UpstreamConnection idle =
                request.needsFresh() ? null : chosen.pool().tryTake(nowNs);
        if (idle == null && (hasPermit || tryAcquireConnection(nowNs))) {
            leaveQueue(request);
            connect(chosen, request);
            return true;
        }
        giveBack(hasPermit);
        if (idle == null && !request.needsFresh() && !request.isBound()) {
            idle = endpoints.tryTakeIdle(request, nowNs);
        }
        if (idle == null) {
            // What is idle now is of no use to this request, and its permit is.
            endpoints.closeOldestIdle(1);
            return false;
        }
        leaveQueue(request);
        request.choose(idle.endpoint());
        idle.startReused(request.resolve());
        return true;
    }

    // Connections follow streams: another one is made only where those that there are have no room, and one at a time.
    private boolean tryServeMultiplexed(OpenRequest request, long nowNs) {
        Endpoint chosen = choice.choose(request);
        if (chosen == null) {
            leaveQueue(request);
            fail(request, endpoints.whyNone(request));
            return true;
        }
        Http1UpstreamConnection idle =
                chosen.hasChosenHttp1() && !request.needsFresh() ? chosen.pool().tryTake(nowNs) : null;
        if (idle != null) {
            leaveQueue(request);
            request.choose(chosen);
            idle.startReused(request.resolve());
            return true;
        }
        Http2UpstreamConnection open = chosen.multiplexed().tryTake(nowNs);
        if (open != null) {
            leaveQueue(request);
            request.choose(chosen);
            open.start(request.resolve());
            return true;
        }
        if (!chosen.hasChosenHttp1() && chosen.multiplexed().isConnecting()) {
            return false;
        }
        if (!tryAcquireConnection(nowNs)) {
            endpoints.closeOldestIdle(1);
            return false;
        }
        leaveQueue(request);
        addConnection(chosen, request);
        Http2UpstreamConnection connection = new Http2UpstreamConnection(this, chosen);
        chosen.multiplexed().add(connection);
        request.connecting(connection);
        connection.connect(request);
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

    private void connect(Endpoint endpoint, OpenRequest request) {
        addConnection(endpoint, request);
        Http1UpstreamConnection connection =
                new Http1UpstreamConnection(this, endpoint, new ConnectionStart(this, endpoint));
        request.connecting(connection);
        connection.connect(request);
    }

    private void addConnection(Endpoint endpoint, OpenRequest request) {
        connections++;
        meters.connectionAdded();
        endpoint.connectionAdded();
        request.choose(endpoint);
    }

    private void enqueue(OpenRequest request) {
        if (!share.tryAcquirePending(spec.pool().pendingMax())) {
            meters.pendingRefused();
            fail(request, Reason.POOL_PENDING_FULL);
            return;
        }
        long nowNs = worker.loop().nowNs();
        request.pendingDeadlineNs = nowNs + spec.pool().pendingTimeoutNs();
        pending.add(request);
        meters.pending(1);
        if (pending.size() == 1) {
            // Only the first: arming it again for every other one would put the poll off for ever.
            worker.loop().wheel().arm(watch, nowNs + PermitShare.POLL_NS);
        }
    }

    private void leaveQueue(OpenRequest request) {
        if (request.isQueued) {
            pending.remove(request);
            share.releasePending();
            meters.pending(-1);
        }
    }

    private static void fail(OpenRequest request, Reason reason) {
        request.resolve().streamFailed(new UpstreamFailure(reason, UpstreamFailure.Retry.NOTHING_SENT));
    }

    private void expirePending(long nowNs) {
        OpenRequest request = pending.first();
        while (request != null) {
            OpenRequest next = request.queueNext;
            if (nowNs >= request.pendingDeadlineNs) {
                leaveQueue(request);
                meters.pendingRefused();
                fail(request, Reason.POOL_PENDING_TIMEOUT);
                // Whoever was told may have changed the queue.
                next = pending.first();
            }
            request = next;
        }
    }

    /** Lets the shares of endpoints grow that are warming. Sleeps if there are none. */
    private final class Warming extends Timer {
        @Override
        protected void expired(long nowNs) {
            boolean isGrowing = choice.grow(nowNs);
            if (isGrowing) {
                worker.loop().wheel().arm(this, nowNs + WARMING_STEP_NS);
            }
        }
    }

    /** Looks after requests that wait, and after idle connections that other workers need more. Sleeps if there are none. */
    private final class Watch extends Timer {
        @Override
        protected void expired(long nowNs) {
            expirePending(nowNs);
            serveWaiting();
            if (pending.isEmpty() && idleConnections > 0) {
                endpoints.closeOldestIdle(share.wantedElsewhere(spec.pool().connectionsMax(), 0));
            }
            if (!pending.isEmpty()) {
                worker.loop().wheel().arm(this, nowNs + PermitShare.POLL_NS);
            } else if (idleConnections > 0) {
                worker.loop().wheel().arm(this, nowNs + PRESSURE_CHECK_NS);
            }
        }
    }
}

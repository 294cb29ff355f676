package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Timer;

/**
 * Finds a connection for each request to one upstream, on one worker.
 *
 * <p>A request takes, in this order: an idle connection to the endpoint that the balancer chose; a new connection to it, if
 * {@code pool.max} allows one more; an idle connection to any other endpoint it may use; a place in the queue. While
 * requests wait, new ones queue behind them.
 */
@WorkerConfined
final class ConnectionSupply {
    /** How often a worker with idle connections looks whether others need them more, in nanoseconds. */
    static final long PRESSURE_CHECK_NS = 128_000_000L;

    private final Upstream upstream;
    private final UpstreamWorker worker;
    private final UpstreamMeters meters;
    private final EndpointList endpoints;
    private final EndpointChoice choice;
    private final PermitShare share;
    private final PendingQueue pending = new PendingQueue();
    private final Watch watch = new Watch();
    private int connections;
    private int idleConnections;
    private boolean isServing;
    private boolean mustServeAgain;

    ConnectionSupply(Upstream upstream, EndpointList endpoints, EndpointChoice choice) {
        this.upstream = upstream;
        this.worker = upstream.worker();
        this.meters = upstream.meters();
        this.endpoints = endpoints;
        this.choice = choice;
        this.share = new PermitShare(
                worker.permits(),
                worker.workers(),
                upstream.spec().pool().connectionPermits(),
                upstream.spec().pool().pendingPermits());
    }

    /** Connections to all endpoints, idle ones and those being made included. */
    int connections() {
        return connections;
    }

    /** Requests that wait for a connection. */
    int pendingRequests() {
        return pending.size();
    }

    /** Serves a request, or has it wait. */
    void serve(OpenRequest request) {
        if (!pending.isEmpty() || !tryServe(request)) {
            enqueue(request);
        }
    }

    /** Whether other workers need a connection more than this one needs the one that has become free. */
    boolean mustGiveUp() {
        return share.mustGiveUp(
                upstream.spec().pool().connectionsMax(),
                connections,
                pending.size(),
                worker.loop().nowNs());
    }

    // ---- connections come and go ----

    /** A connection has become idle; {@link #serveWaiting} must follow once its exchange has been told. */
    void becameIdle(Http1UpstreamConnection connection) {
        connection.endpoint().pool().add(connection);
        countIdle(connection.endpoint());
    }

    /** A connection of many streams has none, or has some again. */
    void multiplexedIdle(Endpoint endpoint, boolean isIdle) {
        if (isIdle) {
            countIdle(endpoint);
        } else {
            leftIdle(endpoint);
        }
    }

    private void countIdle(Endpoint endpoint) {
        endpoint.becameIdle();
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

    /** A connection is gone, whatever it was doing. */
    void connectionGone(Endpoint endpoint) {
        connections--;
        meters.connectionGone();
        endpoint.connectionGone();
        share.releaseConnection();
        serveWaiting();
    }

    // ---- requests ----

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
        if (upstream.spec().isMultiplexed() && !request.isTunnel()) {
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
        Http2UpstreamConnection open = chosen.multiplexed().tryTake(nowNs, request.needsFresh());
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
        Http2UpstreamConnection connection = new Http2UpstreamConnection(upstream, chosen);
        chosen.multiplexed().add(connection);
        request.connecting(connection);
        connection.connect(request);
        return true;
    }

    private boolean tryAcquireConnection(long nowNs) {
        return share.tryAcquireConnection(upstream.spec().pool().connectionsMax(), pending.size(), nowNs);
    }

    private void giveBack(boolean hasPermit) {
        if (hasPermit) {
            share.releaseConnection();
        }
    }

    private void connect(Endpoint endpoint, OpenRequest request) {
        addConnection(endpoint, request);
        Http1UpstreamConnection connection =
                new Http1UpstreamConnection(upstream, endpoint, new ConnectionStart(upstream, endpoint));
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
        if (!share.tryAcquirePending(upstream.spec().pool().pendingMax())) {
            meters.pendingRefused();
            fail(request, Reason.POOL_PENDING_FULL);
            return;
        }
        long nowNs = worker.loop().nowNs();
        request.pendingDeadlineNs = nowNs + upstream.spec().pool().pendingTimeoutNs();
        pending.add(request);
        meters.pending(1);
        if (pending.size() == 1) {
            // Only the first: arming it again for every other one would put the poll off for ever.
            worker.loop().wheel().arm(watch, nowNs + PermitShare.POLL_NS);
        }
    }

    /** A request waits no more, if it did. */
    void leaveQueue(OpenRequest request) {
        if (request.isQueued) {
            pending.remove(request);
            share.releasePending();
            meters.pending(-1);
        }
    }

    static void fail(OpenRequest request, Reason reason) {
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

    /** Looks after requests that wait, and after idle connections that other workers need more. Sleeps if there are none. */
    private final class Watch extends Timer {
        @Override
        protected void expired(long nowNs) {
            expirePending(nowNs);
            serveWaiting();
            if (pending.isEmpty() && idleConnections > 0) {
                endpoints.closeOldestIdle(
                        share.wantedElsewhere(upstream.spec().pool().connectionsMax(), 0));
            }
            if (!pending.isEmpty()) {
                worker.loop().wheel().arm(this, nowNs + PermitShare.POLL_NS);
            } else if (idleConnections > 0) {
                worker.loop().wheel().arm(this, nowNs + PRESSURE_CHECK_NS);
            }
        }
    }
}

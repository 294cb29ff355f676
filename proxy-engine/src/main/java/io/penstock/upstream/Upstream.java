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
 * One upstream on one worker: its endpoints, and what the plan says of it. Which endpoint a request goes to is
 * {@link EndpointChoice}'s, on which connection {@link ConnectionSupply}'s.
 */
@WorkerConfined
public final class Upstream {
    /** How often the shares of endpoints that are warming grow, in nanoseconds. */
    static final long WARMING_STEP_NS = 256_000_000L;

    private final UpstreamWorker worker;
    private final UpstreamMeters meters;
    private final UpstreamCircuit circuit;
    private final EndpointList endpoints = new EndpointList(this);
    private final OutcomeWatch outcomes = new OutcomeWatch(this);
    private final Warming warming = new Warming();
    private final byte[] nameBytes;
    private UpstreamSpec spec;
    private final EndpointChoice choice;
    private final ConnectionSupply supply;
    private boolean isRemoved;
    private long removedNs;

    Upstream(UpstreamWorker worker, UpstreamSpec spec) {
        this.worker = worker;
        this.spec = spec;
        this.nameBytes = spec.name().getBytes(StandardCharsets.UTF_8);
        this.meters = new UpstreamMeters(worker.counters());
        this.circuit = new UpstreamCircuit(worker, meters, spec);
        this.choice = new EndpointChoice(worker, endpoints, spec);
        this.supply = new ConnectionSupply(this, endpoints, choice);
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
        return supply.connections();
    }

    /** Requests of this worker that wait for a connection. */
    public int pendingRequests() {
        return supply.pendingRequests();
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
        supply.serve(request);
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
        meters.countUnder(next.seriesId(), supply.pendingRequests());
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
        meters.countUnder(-1, supply.pendingRequests());
        endpoints.removeAll();
    }

    void closeIdle() {
        endpoints.closeIdle();
    }

    void cancel(OpenRequest request) {
        ConnectionBeingMade connection = request.connecting();
        supply.leaveQueue(request);
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
                && !supply.mustGiveUp();
    }

    /** The connections that its requests are carried by, and the requests that wait for one. */
    ConnectionSupply supply() {
        return supply;
    }

    /** Gives what has become free to those that wait, oldest first. */
    void serveWaiting() {
        supply.serveWaiting();
    }

    /** The connection that was being made for a request could not be made. */
    void connectFailed(OpenRequest request, Reason why) {
        Endpoint endpoint = request.endpoint();
        request.avoid(endpoint);
        endpoint.connectFailed();
        endpoint.requestFailed();
        endpoint.erred();
        ConnectionSupply.fail(request, why);
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
}

package io.penstock.upstream;

import io.penstock.discovery.EndpointSpec;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.WorkerCounters;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One address of an upstream, as one worker knows it: its pool, its load, its counters. Lives as long as the upstream has
 * that address, over any number of revisions; after that until its last exchange ended.
 */
@WorkerConfined
public final class Endpoint {
    /** The share of a weight of one. */
    static final long SHARE_OF_ONE = 100;

    /** With how much of its weight an endpoint begins to warm. */
    private static final long SLOW_START_PERCENT_MIN = 10;

    /** Of the statuses that are failures the one that says that there is too much to do. */
    private static final int OVERLOADED = 503;

    private final Upstream upstream;
    private final InetSocketAddress address;
    private final String host;
    private final ConnectionPool pool = new ConnectionPool();
    private final Http2Connections multiplexed = new Http2Connections();
    private final WorkerCounters counters;
    private EndpointSpec spec;
    private int seriesId;
    private final byte[] nameBytes;
    private boolean isRemoved;
    private int inFlightRequests;
    private int connections;
    private int idleConnections;
    private final OutcomeTally outcomes = new OutcomeTally();
    private final DecayingAverage firstByteAverage = new DecayingAverage();
    private final long stickyCode;
    private @Nullable StickyCookie cookie;
    private String setCookie = "";
    private boolean isHealthy = true;
    private boolean isWarming;
    private long warmingSinceNs;
    private boolean isUsable;
    private boolean isOfHttp1;
    private long share;

    /** Belongs to {@link RoundRobin}. */
    long roundRobinCredit;

    Endpoint(Upstream upstream, EndpointSpec spec) {
        this.upstream = upstream;
        this.address = spec.address();
        this.spec = spec;
        this.host = hostOf(spec.authority());
        this.nameBytes = spec.authority().getBytes(StandardCharsets.ISO_8859_1);
        this.counters = upstream.worker().counters();
        this.seriesId = spec.seriesId();
        this.stickyCode = upstream.worker()
                .secret()
                .begin()
                .add("sticky")
                .add(upstream.name())
                .add(address.getAddress().getHostAddress())
                .add(address.getPort())
                .finish()
                .high();
    }

    /** The upstream it belongs to. */
    public Upstream upstream() {
        return upstream;
    }

    // Without the port, and without the brackets of an IPv6 address.
    static String hostOf(String authority) {
        int colon = authority.lastIndexOf(':');
        String host = colon > authority.indexOf(']') ? authority.substring(0, colon) : authority;
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The target's host as written: a name or an address. */
    String host() {
        return host;
    }

    /** Where it is. */
    public InetSocketAddress address() {
        return address;
    }

    /** The target as written, {@code host:port}: the value of {@code Host} where the service asks for the target. */
    public String authority() {
        return spec.authority();
    }

    /** The target's name, or its authority. */
    public String name() {
        return spec.name();
    }

    /** The address as text, in bytes, for records; not to be written to. */
    public byte[] nameBytes() {
        return nameBytes;
    }

    /** Its share of the load beside the others; 0 takes no new requests. */
    public int weight() {
        return spec.weight();
    }

    /** Requests of this worker that it has not answered in full yet, those waiting for their connection included. */
    public int inFlightRequests() {
        return inFlightRequests;
    }

    /** Connections of this worker to it, idle ones and those being made included. */
    public int connections() {
        return connections;
    }

    /** Connections of this worker to it that carry no exchange. */
    public int idleConnections() {
        return pool.size();
    }

    /** The id of its metrics, -1 where it counts among the others. */
    public int seriesId() {
        return seriesId;
    }

    /** Whether the upstream no longer has this address; exchanges under way go on. */
    public boolean isRemoved() {
        return isRemoved;
    }

    @Override
    public String toString() {
        return upstream.name() + "/" + spec.authority() + "@" + address;
    }

    boolean mayTake(OpenRequest request) {
        return isUsable && !request.hasTried(this);
    }

    /** Whether it takes requests. */
    boolean isUsable() {
        return isUsable;
    }

    /** Whether it would take requests if it were healthy. */
    boolean mayBeUsedByConfig() {
        return isOpenButForDrain() && !spec.isDraining();
    }

    /** Whether only its drain keeps it from taking requests. */
    boolean isHeldBackByDrain() {
        return isOpenButForDrain() && spec.isDraining();
    }

    /** Whether only its health keeps it from taking requests. */
    boolean isHeldBackByHealth() {
        return mayBeUsedByConfig() && !isHealthy;
    }

    /** Its weight as balancers go by it: in hundredths, and less while it is warming. */
    long share() {
        return share;
    }

    /** Takes what the control thread knows of its health; {@link #settle} must follow. */
    void health(boolean takesRequests, boolean warming, long sinceNs) {
        isHealthy = takesRequests;
        isWarming = warming;
        warmingSinceNs = sinceNs;
    }

    /** Works out whether it takes requests, and how large its share is. @return whether its share still grows */
    boolean settle(long nowNs, long slowStartNs) {
        isUsable = mayBeUsedByConfig() && isHealthy;
        long warmNs = Math.max(0, nowNs - warmingSinceNs);
        isWarming &= warmNs < slowStartNs;
        long percent = isWarming ? Math.max(SLOW_START_PERCENT_MIN, 100 * warmNs / slowStartNs) : SHARE_OF_ONE;
        share = spec.weight() * percent;
        return isWarming;
    }

    /** How soon it answers, as this worker sees it. */
    DecayingAverage firstByteAverage() {
        return firstByteAverage;
    }

    /** What its cookie says. */
    long stickyCode() {
        return stickyCode;
    }

    /** The cookie that leads to it, made once. */
    String setCookie(StickyCookie wanted) {
        if (cookie != wanted) {
            cookie = wanted;
            setCookie = wanted.setCookie(this);
        }
        return setCookie;
    }

    OutcomeTally outcomes() {
        return outcomes;
    }

    private boolean isOpenButForDrain() {
        return spec.isGranted() && spec.weight() > 0;
    }

    boolean isGranted() {
        return spec.isGranted();
    }

    /** Whether its connections may be kept for further exchanges. */
    boolean keepsConnections() {
        return !isRemoved && spec.isGranted() && !spec.isDraining();
    }

    ConnectionPool pool() {
        return pool;
    }

    /** Its connections of many streams, where the upstream has such. */
    Http2Connections multiplexed() {
        return multiplexed;
    }

    /** Both chose what to speak when a connection was made. */
    void chose(boolean isHttp2) {
        isOfHttp1 = !isHttp2;
    }

    /** Whether HTTP/1.1 was chosen last, where the endpoint is left the choice. */
    boolean hasChosenHttp1() {
        return isOfHttp1 && upstream.spec().isChosenByEndpoint();
    }

    EndpointSpec spec() {
        return spec;
    }

    void update(EndpointSpec next) {
        spec = next;
        countUnder(next.seriesId());
        if (!keepsConnections()) {
            pool.closeAll();
            multiplexed.retireAll();
        }
    }

    void remove() {
        isRemoved = true;
        // The series may become another endpoint's before the last exchange here has ended.
        countUnder(-1);
        pool.closeAll();
        multiplexed.retireAll();
    }

    private void countUnder(int id) {
        if (id != seriesId) {
            add(SeriesCounter.ENDPOINT_CONNECTIONS_OPEN, -connections);
            add(SeriesCounter.ENDPOINT_CONNECTIONS_IDLE, -idleConnections);
            add(SeriesCounter.ENDPOINT_REQUESTS_ACTIVE, -inFlightRequests);
            seriesId = id;
            add(SeriesCounter.ENDPOINT_CONNECTIONS_OPEN, connections);
            add(SeriesCounter.ENDPOINT_CONNECTIONS_IDLE, idleConnections);
            add(SeriesCounter.ENDPOINT_REQUESTS_ACTIVE, inFlightRequests);
        }
    }

    void requestBegan() {
        inFlightRequests++;
        add(SeriesCounter.ENDPOINT_REQUESTS_ACTIVE, 1);
        add(SeriesCounter.ENDPOINT_TRIES, 1);
        upstream.meters().tried();
    }

    void requestEnded() {
        assert inFlightRequests > 0 : "more requests ended than began";
        inFlightRequests--;
        add(SeriesCounter.ENDPOINT_REQUESTS_ACTIVE, -1);
    }

    /** A request ended without a whole answer, and not because the exchange gave it up. */
    void requestFailed() {
        add(SeriesCounter.ENDPOINT_TRY_FAILURES, 1);
        upstream.meters().tryFailed();
    }

    /** A head came, so long after the request left. */
    void answered(int status, long tookNs) {
        if (status >= 500) {
            add(SeriesCounter.ENDPOINT_RESPONSES_5XX, 1);
            blame();
            if (status == OVERLOADED) {
                upstream.circuit().failed();
            }
        } else {
            firstByteAverage.add(tookNs, upstream.worker().loop().nowNs());
            upstream.circuit().answered(tookNs);
        }
        upstream.outcomes().firstByte(outcomes, tookNs);
        upstream.meters().answered(status);
    }

    /** A whole answer came. */
    void completed(int status) {
        if (status < 500) {
            upstream.outcomes().succeeded(outcomes);
        }
    }

    /** A request ended without a whole answer, and that speaks against the endpoint. */
    void erred() {
        blame();
        upstream.circuit().failed();
    }

    private void blame() {
        firstByteAverage.failed(upstream.worker().loop().nowNs());
        upstream.outcomes().failed(outcomes);
    }

    void connectionAdded() {
        connections++;
        add(SeriesCounter.ENDPOINT_CONNECTIONS_OPEN, 1);
    }

    void becameIdle() {
        idleConnections++;
        add(SeriesCounter.ENDPOINT_CONNECTIONS_IDLE, 1);
    }

    void leftIdle() {
        assert idleConnections > 0 : "more connections left the pool than came";
        idleConnections--;
        add(SeriesCounter.ENDPOINT_CONNECTIONS_IDLE, -1);
    }

    void connected() {
        add(SeriesCounter.ENDPOINT_CONNECTS, 1);
        counters.add(Counter.UPSTREAM_CONNECTS);
    }

    void connectFailed() {
        add(SeriesCounter.ENDPOINT_CONNECT_FAILURES, 1);
        counters.add(Counter.UPSTREAM_CONNECT_FAILURES);
    }

    void connectionGone() {
        assert connections > 0 : "more connections gone than were made";
        connections--;
        add(SeriesCounter.ENDPOINT_CONNECTIONS_OPEN, -1);
    }

    private void add(SeriesCounter counter, long n) {
        counters.add(counter, seriesId, n);
    }
}

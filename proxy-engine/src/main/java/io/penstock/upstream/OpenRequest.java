package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.proxy.ProxyHeader;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange wants of {@link Upstream#open}, and what came of it: one object per exchange, used again for every
 * attempt and, after {@link #clear()}, for every further exchange.
 */
@WorkerConfined
public final class OpenRequest implements PendingOpen {
    /** How many endpoints one exchange may have tried; then it finds none that is left. */
    public static final int TRIED_MAX = 16;

    private final @Nullable Endpoint[] tried = new @Nullable Endpoint[TRIED_MAX];
    private int triedCount;
    private boolean needsFreshConnection;
    private boolean isTunnel;
    private ProxyHeader client = ProxyHeader.NOTHING;
    private long connectTimeoutNs;
    /** Whose cookie the client has sent; null for none. */
    private @Nullable Endpoint stuckTo;

    private boolean hasHash;
    private long hash;

    /** Chosen by the last attempt; null before the first. */
    private @Nullable Endpoint endpoint;

    /** Taken as long as it takes requests; null for none. */
    private @Nullable Endpoint preferred;

    /** Set while pending. */
    private @Nullable Upstream upstream;

    /** Set while pending. */
    private @Nullable UpstreamStreamHandler handler;

    /** Set while a connection is being made for this request; null while it waits for its turn. */
    private @Nullable ConnectionBeingMade connecting;

    // Links and deadline of the queue of those that wait for a connection.
    @Nullable
    OpenRequest queuePrevious;

    @Nullable
    OpenRequest queueNext;

    boolean isQueued;
    long pendingDeadlineNs;

    /** Forgets everything, for another exchange. Must not be pending. */
    public void clear() {
        assert !isPending() : "cleared while pending";
        forgetTried();
        needsFreshConnection = false;
        isTunnel = false;
        client = ProxyHeader.NOTHING;
        connectTimeoutNs = 0;
        hasHash = false;
        stuckTo = null;
        endpoint = null;
        preferred = null;
    }

    /** Asks for an endpoint rather than for one of the balancer's choice, as long as it takes requests; null for none. */
    public void prefer(@Nullable Endpoint wanted) {
        preferred = wanted;
    }

    /** Gives the hash of its key, for a balancer that goes by it. */
    public void hash(long ofKey) {
        hasHash = true;
        hash = ofKey;
    }

    void stick(Endpoint wanted) {
        stuckTo = wanted;
    }

    @Nullable
    Endpoint stuckTo() {
        return stuckTo;
    }

    boolean isStuckTo(Endpoint candidate) {
        return stuckTo == candidate;
    }

    /** Whether another endpoint than the chosen one would be the wrong one. */
    boolean isBound() {
        return hasHash || stuckTo != null;
    }

    boolean hasHash() {
        return hasHash;
    }

    long hash() {
        return hash;
    }

    @Nullable
    Endpoint preferred() {
        return preferred;
    }

    /** Leaves an endpoint out of all further attempts. {@code Upstream} does this itself where a connection failed. */
    public void avoid(Endpoint endpoint) {
        if (!hasTried(endpoint) && triedCount < TRIED_MAX) {
            tried[triedCount++] = endpoint;
        }
    }

    /** Leaves out of all further attempts what another one has tried or is trying. */
    public void avoidAllOf(OpenRequest other) {
        for (int i = 0; i < other.triedCount; i++) {
            Endpoint one = other.tried[i];
            if (one != null) {
                avoid(one);
            }
        }
        if (other.endpoint != null) {
            avoid(other.endpoint);
        }
    }

    /** Lets endpoints be tried again. */
    public void forgetTried() {
        for (int i = 0; i < triedCount; i++) {
            tried[i] = null;
        }
        triedCount = 0;
    }

    /** Asks for a connection that was not used before: for the attempt after a stale one. */
    public void needFreshConnection() {
        needsFreshConnection = true;
    }

    /** Asks for a connection of its own, on which nothing is spoken but what is passed through. */
    public void asTunnel() {
        needsFreshConnection = true;
        isTunnel = true;
    }

    /** Whether it is asked for as a tunnel, whatever the upstream speaks. */
    boolean isTunnel() {
        return isTunnel;
    }

    /** Says who is behind it, where the upstream's connections tell that. */
    public void client(ProxyHeader behind) {
        client = behind;
    }

    /** Who is behind it; nobody that is told of, if nothing was said. */
    public ProxyHeader client() {
        return client;
    }

    /** Bounds the time to connect more closely than the upstream's {@code timeouts.connect}; 0 takes that alone. */
    public void connectTimeoutNs(long timeoutNs) {
        connectTimeoutNs = timeoutNs;
    }

    /** Whether an attempt has chosen an endpoint. */
    public boolean hasEndpoint() {
        return endpoint != null;
    }

    /**
     * The endpoint chosen by the last attempt, also where it failed.
     *
     * @throws IllegalStateException if there was none
     */
    public Endpoint endpoint() {
        Endpoint chosen = endpoint;
        if (chosen == null) {
            throw new IllegalStateException("no endpoint was chosen yet");
        }
        return chosen;
    }

    @Override
    public boolean isPending() {
        return handler != null;
    }

    @Override
    public void cancel() {
        Upstream waitingFor = upstream;
        if (waitingFor != null) {
            waitingFor.cancel(this);
        }
    }

    boolean hasTried(Endpoint candidate) {
        for (int i = 0; i < triedCount; i++) {
            if (tried[i] == candidate) {
                return true;
            }
        }
        return triedCount == TRIED_MAX;
    }

    boolean needsFresh() {
        return needsFreshConnection;
    }

    long boundedConnectTimeoutNs(long upstreamTimeoutNs) {
        return connectTimeoutNs > 0 ? Math.min(connectTimeoutNs, upstreamTimeoutNs) : upstreamTimeoutNs;
    }

    void begin(Upstream waitsFor, UpstreamStreamHandler waiting) {
        if (isPending()) {
            throw new IllegalStateException("this request is pending already");
        }
        upstream = waitsFor;
        handler = waiting;
    }

    void choose(Endpoint chosen) {
        endpoint = chosen;
    }

    void connecting(ConnectionBeingMade connection) {
        connecting = connection;
    }

    // Null while the request waits for its turn.
    @Nullable
    ConnectionBeingMade connecting() {
        return connecting;
    }

    /** Ends the pending state; the caller tells the handler what came of it. */
    UpstreamStreamHandler resolve() {
        UpstreamStreamHandler waiting = handler;
        if (waiting == null) {
            throw new IllegalStateException("this request is not pending");
        }
        handler = null;
        upstream = null;
        connecting = null;
        return waiting;
    }
}

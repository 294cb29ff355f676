package io.penstock.exchange;

import io.penstock.config.Protocol;
import io.penstock.exchange.facts.FilterNotes;
import io.penstock.exchange.facts.PeerAddress;
import io.penstock.exchange.facts.RequestLookup;
import io.penstock.exchange.limits.LimitOutcome;
import io.penstock.exchange.limits.LimitSubject;
import io.penstock.filter.AddressCheck;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.limit.Breaker.Outcome;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.FilterSlot;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.RouteAction;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import io.penstock.transport.proxy.ProxiedChannel;
import io.penstock.transport.proxy.ProxyHeader;
import io.penstock.upstream.OpenRequest;
import io.penstock.upstream.Upstream;
import io.penstock.upstream.UpstreamFailure;
import io.penstock.upstream.UpstreamStream;
import io.penstock.upstream.UpstreamStreamHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection passed on to an endpoint as it is: found by its listener and, where it speaks TLS, by the server
 * name in its hello. The same routes, access lists, limits, balancers, circuits and pools as for requests; nobody looks into
 * the bytes. Each side is read only while the other can be written.
 */
@WorkerConfined
public final class Tunnel implements UpstreamStreamHandler {
    /** How many endpoints are tried, one after another, until one can be connected to. */
    private static final int TRIES_MAX = 3;

    private static final byte[] NONE = {};

    /** The alert of TLS that says that nobody here answers to the name of the hello (RFC 6066 section 3). */
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 1, 0, 2, 2, 112};

    private final ExchangeContext context;
    private final Channel client;
    private final Runnable ended;
    private final PeerAddress peer;
    private final ListenerRuntime listener;
    private final SnapshotHold hold = new SnapshotHold();
    private final TunnelRecord record;
    private final OpenRequest open = new OpenRequest();
    private final RequestHead noHead = new RequestHead();
    private final Bound bound = new Bound();

    /** Who holds places of limits; null where its route has none. */
    private @Nullable LimitSubject subject;

    private @Nullable Upstream upstream;
    private @Nullable UpstreamStream stream;
    private byte[] held = NONE;
    private long token;
    private int tries;
    private boolean isUnderWay;
    private boolean isCounted;
    private boolean isTold;
    private boolean hasClientEnded;
    private boolean hasEndpointEnded;
    private boolean hasEnded;
    private long idleNs;
    private long expiresNs;
    private long progressNs;

    /**
     * A connection just accepted, or whose hello was read.
     *
     * @param ended told once it has ended: what the client has not taken by then is the connection's to look after
     */
    Tunnel(ExchangeContext context, ListenerRuntime listener, Channel client, Runnable ended) {
        this.context = context;
        this.listener = listener;
        this.client = client;
        this.ended = ended;
        this.peer = new PeerAddress(client.remoteAddress());
        this.record = new TunnelRecord(context, listener, peer);
        hold.take(context.pins().current());
    }

    // ---- what the client's side tells ----

    /**
     * Finds the route and asks for an endpoint; may have ended when this returns.
     *
     * @param serverName what the client asks for in its hello, in lower case; null where it says none, or speaks no TLS
     * @param first what has come of the client; kept, not copied
     */
    public void begin(@Nullable String serverName, byte[] first) {
        held = first;
        record.serverName(serverName);
        RouteRuntime route = route(serverName);
        hold.releaseTable();
        if (route == null) {
            refuseName();
            return;
        }
        record.route(route);
        Reason refusal = refusal(route);
        if (refusal != null) {
            refuse(refusal);
            return;
        }
        Upstream to = context.upstreams().find(((RouteAction.Forward) route.action()).upstreamId());
        upstream = to;
        record.tries().upstream(to);
        to.aim(open, noHead, peer.bytes());
        if (to.wantsClient()) {
            open.client(ProxyIdentity.of(
                    client instanceof ProxiedChannel proxied ? proxied.header() : ProxyHeader.NOTHING,
                    peer,
                    client.localAddress(),
                    serverName == null ? "" : serverName,
                    record.id()));
        }
        if (to.circuit().boundsRequests()) {
            if (!to.circuit().tryBeginRequest()) {
                refuse(to.circuit().refusal());
                return;
            }
            isCounted = true;
        }
        to.circuit().requestBegan();
        idleNs = route.tunnel().idleNs() > 0 ? route.tunnel().idleNs() : to.idleTimeoutNs();
        expiresNs = context.nowNs() + route.tunnel().lifetimeNs();
        connect(to);
    }

    /** Bytes of the client. @return how many were taken */
    public int received(Received bytes) {
        UpstreamStream to = stream;
        if (to == null) {
            return hasEnded ? bytes.length() : 0;
        }
        progressNs = context.nowNs();
        record.requestBytes(bytes.length());
        to.sendBody(bytes, bytes.offset(), bytes.length());
        if (!to.isSendable()) {
            client.receive(false);
        }
        return bytes.length();
    }

    /** The client sends no more. */
    public void endOfInput() {
        hasClientEnded = true;
        UpstreamStream to = stream;
        if (to != null) {
            to.sendEnd(context.noFields());
            endIfBothEnded();
        }
    }

    /** The client takes bytes again. */
    public void clientSendable() {
        progressNs = context.nowNs();
        UpstreamStream from = stream;
        if (from != null && !hasEndpointEnded) {
            from.demand(true);
        }
    }

    /** The client's connection is gone. */
    public void clientGone() {
        if (!hasEnded) {
            record.failed(Reason.CLIENT_CLOSED);
            end();
        }
    }

    /** Ends both sides in order, for a reason. */
    public void close(Reason why) {
        if (!hasEnded) {
            record.failed(why);
            UpstreamStream to = stream;
            stream = null;
            if (to != null) {
                to.closeTunnel();
            }
            client.close();
            end();
        }
    }

    /** Whether it has ended, so that no more of the client is of interest. */
    public boolean hasEnded() {
        return hasEnded;
    }

    // ---- before there is an endpoint ----

    private @Nullable RouteRuntime route(@Nullable String serverName) {
        int id = hold.snapshot().passthrough().routeId(listener.id(), serverName);
        return id < 0 ? null : hold.snapshot().routes().get(id);
    }

    private @Nullable Reason refusal(RouteRuntime route) {
        for (FilterSlot slot : route.filters()) {
            if (slot.prepared() instanceof AddressCheck check && !check.passes(peer.bytes())) {
                return check.refusal();
            }
        }
        if (route.limits().beforeAuth().length == 0) {
            return null;
        }
        RequestLookup lookup = new RequestLookup(noHead);
        lookup.begin(listener.id(), peer.bytes());
        // Bandwidths are refused where the route is written.
        LimitSubject asked = new LimitSubject(noHead, lookup, new FilterNotes(), (plan, key) -> {});
        subject = asked;
        LimitOutcome outcome =
                context.limits().take(route.limits().beforeAuth(), route.limits(), asked, context.nowNs());
        if (outcome == LimitOutcome.TAKEN) {
            return null;
        }
        record.limitRefused(context.limits().refusedBy(), outcome.reason());
        return outcome.reason();
    }

    private void connect(Upstream to) {
        token = to.circuit().tryPass();
        if (token < 0) {
            refuse(Reason.CIRCUIT_OPEN);
            return;
        }
        isUnderWay = true;
        tries++;
        record.tries().began(tries);
        open.asTunnel();
        to.open(open, this);
    }

    private void conclude(Outcome outcome) {
        Upstream to = upstream;
        if (isUnderWay && to != null) {
            isUnderWay = false;
            to.circuit().concluded(token, outcome);
        }
    }

    private void refuseName() {
        if (listener.config().protocol() == Protocol.TLS) {
            client.send(UNRECOGNIZED_NAME, 0, UNRECOGNIZED_NAME.length);
            close(Reason.SNI_UNMATCHED);
        } else {
            refuse(Reason.NO_ROUTE);
        }
    }

    // Without a word: there is none that every protocol has.
    private void refuse(Reason why) {
        record.failed(why);
        client.abort();
        end();
    }

    // ---- what the endpoint's side tells ----

    @Override
    public void streamOpened(UpstreamStream opened) {
        conclude(Outcome.SUCCESS);
        stream = opened;
        record.opened(opened.endpoint());
        isTold = true;
        progressNs = context.nowNs();
        context.wheel().arm(bound, Math.min(progressNs + idleNs, expiresNs));
        opened.beginTunnel();
        if (held.length > 0) {
            record.requestBytes(held.length);
            opened.sendBody(new UnsafeBuffer(held), 0, held.length);
            held = NONE;
        }
        if (hasClientEnded) {
            opened.sendEnd(context.noFields());
        } else {
            client.receive(opened.isSendable());
        }
        opened.demand(client.isSendable());
    }

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        progressNs = context.nowNs();
        record.responseBytes(length);
        client.send(bytes, offset, length);
        UpstreamStream from = stream;
        if (from != null && !client.isSendable()) {
            from.demand(false);
        }
        return length;
    }

    @Override
    public void responseEnd(Fields trailers) {
        hasEndpointEnded = true;
        client.finish();
        endIfBothEnded();
    }

    private void endIfBothEnded() {
        if (hasClientEnded && hasEndpointEnded) {
            // The stream has given itself back.
            stream = null;
            client.close();
            end();
        }
    }

    @Override
    public void streamSendable() {
        progressNs = context.nowNs();
        if (!hasClientEnded) {
            client.receive(true);
        }
    }

    @Override
    public void streamFailed(UpstreamFailure failure) {
        stream = null;
        Reason why = failure.reason();
        Upstream to = upstream;
        boolean isOfEndpoint = why.isOfConnecting();
        conclude(isOfEndpoint ? Outcome.FAILURE : Outcome.ABANDONED);
        record.tries().failed(why, open.hasEndpoint() ? open.endpoint() : null);
        if (isOfEndpoint
                && to != null
                && tries < TRIES_MAX
                && to.hasUntried(open)
                && to.circuit().trySpendRetry()) {
            record.tries().followed(RetryCause.CONNECT_FAILURE);
            connect(to);
        } else {
            refuse(why);
        }
    }

    @Override
    public void informational(ResponseHead head) {
        throw new IllegalStateException("a tunnel has no heads");
    }

    @Override
    public void responseHead(ResponseHead head, boolean isLast) {
        throw new IllegalStateException("a tunnel has no heads");
    }

    // ---- the end ----

    private void end() {
        if (hasEnded) {
            return;
        }
        hasEnded = true;
        context.wheel().disarm(bound);
        conclude(Outcome.ABANDONED);
        UpstreamStream left = stream;
        stream = null;
        if (left != null) {
            left.reset();
        } else if (open.isPending()) {
            open.cancel();
        }
        Upstream to = upstream;
        if (isCounted && to != null) {
            to.circuit().requestEnded();
        }
        LimitSubject asked = subject;
        if (asked != null) {
            context.limits().release(asked);
        }
        record.end(isTold);
        hold.release();
        ended.run();
    }

    /** How long it may be silent and how long it may last; left running while bytes pass. */
    private final class Bound extends Timer {
        @Override
        protected void expired(long nowNs) {
            if (nowNs >= expiresNs) {
                close(Reason.TUNNEL_EXPIRED);
            } else if (nowNs - progressNs >= idleNs) {
                close(Reason.TUNNEL_IDLE);
            } else {
                context.wheel().arm(this, Math.min(progressNs + idleNs, expiresNs));
            }
        }
    }
}

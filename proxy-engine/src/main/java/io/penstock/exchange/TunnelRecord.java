package io.penstock.exchange;

import io.penstock.config.Protocol;
import io.penstock.exchange.facts.PeerAddress;
import io.penstock.exchange.facts.RequestIdText;
import io.penstock.http.AddressText;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.AccessRecord;
import io.penstock.metrics.AccessText;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.TrailSteps;
import io.penstock.metrics.WorkerCounters;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.Upstream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What is told about one connection that is passed through: its trail, its counters, its access record. */
@WorkerConfined
final class TunnelRecord {
    private static final int IPV4_BYTES = 4;
    private static final int SERVED = 200;
    private static final byte[] TCP = "tcp".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TLS = "tls".getBytes(StandardCharsets.US_ASCII);

    private final ExchangeContext context;
    private final ListenerRuntime listener;
    private final PeerAddress peer;
    private final TrailSteps steps = new TrailSteps();
    private final TriesRecord tries;
    private final RequestIdText id = new RequestIdText();
    private final long startNs;
    private byte[] serverName = {};
    private long requestBytes;
    private long responseBytes;
    private @Nullable RouteRuntime route;
    private @Nullable Reason reason;

    TunnelRecord(ExchangeContext context, ListenerRuntime listener, PeerAddress peer) {
        this.context = context;
        this.listener = listener;
        this.peer = peer;
        this.tries = new TriesRecord(context, steps);
        startNs = context.nowNs();
        id.make(context.requestIds(), context.epochClock().epochUs(startNs) / 1000);
        steps.begin(startNs);
    }

    /** The connection's id. */
    RequestIdText id() {
        return id;
    }

    void serverName(@Nullable String name) {
        if (name != null) {
            serverName = name.getBytes(StandardCharsets.US_ASCII);
        }
    }

    void route(RouteRuntime found) {
        route = found;
        steps.add(TrailSteps.Kind.ROUTE, TrailSteps.Verdict.CHOSEN, found.nameBytes(), context.nowNs());
    }

    void limitRefused(String limit, Reason why) {
        steps.add(
                TrailSteps.Kind.LIMIT,
                TrailSteps.Verdict.REFUSED,
                why,
                limit.getBytes(StandardCharsets.UTF_8),
                context.nowNs());
    }

    /** What is told of the tries. */
    TriesRecord tries() {
        return tries;
    }

    /** Bytes may pass. */
    void opened(Endpoint endpoint) {
        tries.endpoint(endpoint);
        steps.add(TrailSteps.Kind.TUNNEL, TrailSteps.Verdict.PASSED, context.nowNs());
        context.meters().counters().add(Counter.PASSTHROUGHS);
        context.meters().counters().add(Counter.TUNNELS_OPEN);
    }

    void requestBytes(int count) {
        requestBytes += count;
    }

    void responseBytes(int count) {
        responseBytes += count;
    }

    /** It is refused or broken; the first reason stands. */
    void failed(Reason why) {
        if (reason != null) {
            return;
        }
        reason = why;
        WorkerCounters counters = context.meters().counters();
        counters.refused(why);
        RouteRuntime chosen = route;
        if (chosen != null && ExchangeRecord.isOurRefusal(why)) {
            counters.add(SeriesCounter.ROUTE_REFUSALS, chosen.id(), 1);
        }
    }

    /**
     * Writes everything down.
     *
     * @param wasOpen whether {@link #opened} was told
     */
    void end(boolean wasOpen) {
        long endNs = context.nowNs();
        steps.add(TrailSteps.Kind.END, TrailSteps.Verdict.PASSED, endNs);
        WorkerCounters counters = context.meters().counters();
        if (wasOpen) {
            counters.add(Counter.TUNNELS_OPEN, -1);
        }
        counters.add(Counter.BYTES_IN, requestBytes);
        counters.add(Counter.BYTES_OUT, responseBytes);
        counters.add(SeriesCounter.LISTENER_BYTES_IN, listener.id(), requestBytes);
        counters.add(SeriesCounter.LISTENER_BYTES_OUT, listener.id(), responseBytes);
        RouteRuntime chosen = route;
        if (chosen != null) {
            counters.add(SeriesCounter.ROUTE_BYTES_IN, chosen.id(), requestBytes);
            counters.add(SeriesCounter.ROUTE_BYTES_OUT, chosen.id(), responseBytes);
        }
        write(endNs);
    }

    private void write(long endNs) {
        Reason why = reason;
        AccessRecord record = context.meters().accessLog().claim();
        record.started(context.epochClock().epochUs(startNs))
                .duration(endNs - startNs)
                .upstreamDuration(tries.durationNs())
                .transferred(requestBytes, responseBytes)
                .status(why == null ? SERVED : why.status())
                .tries(tries.count())
                .text(AccessText.REQUEST_ID, id.bytes(), 0, id.length())
                .text(AccessText.PROTOCOL, listener.config().protocol() == Protocol.TLS ? TLS : TCP)
                .text(AccessText.HOST, serverName)
                .text(AccessText.LISTENER, listener.nameBytes());
        byte[] address = peer.bytes();
        int prefix = AddressText.isV4(address) ? AddressText.BYTES - IPV4_BYTES : 0;
        record.text(AccessText.CLIENT_ADDRESS, address, prefix, AddressText.BYTES - prefix);
        if (why != null) {
            record.reason(why);
        }
        RouteRuntime chosen = route;
        if (chosen != null) {
            record.text(AccessText.ROUTE, chosen.nameBytes());
        }
        Upstream asked = tries.upstream();
        if (asked != null) {
            record.text(AccessText.UPSTREAM, asked.nameBytes());
        }
        Endpoint tried = tries.endpoint();
        if (tried != null) {
            record.text(AccessText.ENDPOINT, tried.nameBytes());
        }
        record.steps(steps);
        context.meters().accessLog().publish();
    }
}

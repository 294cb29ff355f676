package io.penstock.exchange;

import io.penstock.exchange.facts.RequestIdText;
import io.penstock.http.AddressText;
import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import io.penstock.http.RequestHead;
import io.penstock.limit.AdmissionPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.AccessRecord;
import io.penstock.metrics.AccessText;
import io.penstock.metrics.Counter;
import io.penstock.metrics.HookCosts;
import io.penstock.metrics.HookOutcome;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.TrailSteps;
import io.penstock.metrics.WorkerCounters;
import io.penstock.snapshot.FilterSlot;
import io.penstock.snapshot.HiddenParameters;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.Verdict;
import io.penstock.transport.tls.TlsFacts;
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.Upstream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is told about one exchange: its trail while it runs; its counters, latencies and access record when it ends. Plain
 * fields, no allocation for an exchange that goes well.
 */
@WorkerConfined
final class ExchangeRecord implements ExchangeSummary {
    private static final int IPV4_BYTES = 4;

    /** What stands in the place of a route where a certificate authority is answered. */
    private static final byte[] PROOF = "acme-challenge".getBytes(StandardCharsets.US_ASCII);

    /** What stands for the status of an exchange whose client saw none. */
    private static final int GONE_STATUS = 499;

    private final ExchangeContext context;
    private final TrailSteps steps = new TrailSteps();
    private final HookCosts costs = new HookCosts();
    private final RequestIdText requestId = new RequestIdText();
    private final TriesRecord tries;

    private long startNs;
    private long totalNs;
    private long requestBytes;
    private long responseBytes;
    private int status;
    // Where the client's own path and host lie: a rewrite appends others behind them, and records show what was asked.
    private int pathOffset;
    private int pathLength;
    private int authorityOffset;
    private int authorityLength;
    private boolean isHeadComplete;
    private boolean isFaultInjected;
    private @Nullable Reason reason;
    private @Nullable ListenerRuntime listener;
    private @Nullable TlsFacts tls;
    private @Nullable RouteRuntime route;
    private byte @Nullable [] consumer;
    private byte[] clientAddress = {};
    private byte[] protocol = {};

    ExchangeRecord(ExchangeContext context) {
        this.context = context;
        this.tries = new TriesRecord(context, steps);
    }

    void begin(DownstreamStream stream) {
        startNs = context.nowNs();
        listener = stream.listener();
        protocol = stream.protocol();
        tls = stream.tls();
        // A head that cannot be read says nothing of who is behind the peer.
        clientAddress = stream.peer().bytes();
        requestId.make(context.requestIds(), context.epochClock().epochUs(startNs) / 1000);
        steps.begin(startNs);
        context.meters().counters().add(Counter.REQUESTS_ACTIVE);
    }

    void headComplete(RequestHead head, byte[] canonicalClientAddress, byte[] spokenProtocol) {
        isHeadComplete = true;
        pathOffset = head.pathOffset();
        pathLength = head.pathLength();
        authorityOffset = head.authorityOffset();
        authorityLength = head.authorityLength();
        clientAddress = canonicalClientAddress;
        protocol = spokenProtocol;
    }

    long startNs() {
        return startNs;
    }

    RequestIdText requestId() {
        return requestId;
    }

    // ---- decisions ----

    void route(RouteRuntime found) {
        steps.add(TrailSteps.Kind.ROUTE, TrailSteps.Verdict.CHOSEN, found.nameBytes(), context.nowNs());
        backend(found);
    }

    /** The service has been chosen, with the route or after it. */
    void backend(RouteRuntime found) {
        route = found;
        if (found.backend().isOne()) {
            steps.add(
                    TrailSteps.Kind.BACKEND,
                    TrailSteps.Verdict.CHOSEN,
                    found.backend().identityBytes(),
                    context.nowNs());
        }
    }

    /** A certificate authority has asked for a proof, which no route is asked for. */
    void proofShown() {
        steps.add(TrailSteps.Kind.ROUTE, TrailSteps.Verdict.ANSWERED, PROOF, context.nowNs());
        context.meters().counters().add(Counter.HTTP_PROOFS);
    }

    void noRoute(Reason why) {
        steps.add(TrailSteps.Kind.ROUTE, TrailSteps.Verdict.REFUSED, why, context.nowNs());
    }

    void limitRefused(String limit, Reason why) {
        steps.add(
                TrailSteps.Kind.LIMIT,
                TrailSteps.Verdict.REFUSED,
                why,
                limit.getBytes(StandardCharsets.UTF_8),
                context.nowNs());
    }

    /** A body waits for the bandwidth of a limit, for the first time in its direction. */
    void paced(byte[] limit) {
        steps.add(TrailSteps.Kind.LIMIT, TrailSteps.Verdict.SUSPENDED, limit, context.nowNs());
    }

    void admissionWaits(AdmissionPlan plan) {
        steps.add(TrailSteps.Kind.ADMISSION, TrailSteps.Verdict.SUSPENDED, plan.nameBytes(), context.nowNs());
    }

    void admitted(AdmissionPlan plan) {
        steps.add(TrailSteps.Kind.ADMISSION, TrailSteps.Verdict.PASSED, plan.nameBytes(), context.nowNs());
    }

    void admissionRefused(AdmissionPlan plan, Reason why) {
        steps.add(TrailSteps.Kind.ADMISSION, TrailSteps.Verdict.REFUSED, why, plan.nameBytes(), context.nowNs());
    }

    void filter(FilterSlot slot, TrailSteps.Kind kind, Verdict verdict) {
        TrailSteps.Verdict outcome = switch (verdict) {
            case Verdict.Continue go -> TrailSteps.Verdict.PASSED;
            case Verdict.Suspended later -> TrailSteps.Verdict.SUSPENDED;
            case Verdict.Answered answered -> TrailSteps.Verdict.ANSWERED;
            case Verdict.Failed failed -> TrailSteps.Verdict.FAILED;
        };
        if (verdict instanceof Verdict.Failed failed) {
            steps.add(kind, outcome, failed.reason(), slot.nameBytes(), failed.code(), context.nowNs());
        } else {
            steps.add(kind, outcome, slot.nameBytes(), context.nowNs());
        }
    }

    /** An entry of {@code auth} has said who calls. */
    void identified(byte[] entry) {
        steps.add(TrailSteps.Kind.AUTH, TrailSteps.Verdict.CHOSEN, entry, context.nowNs());
    }

    /** What a hook of the filter at a place of the chain has cost. */
    void cost(int place, byte[] name, byte[] hook, long cpuNs, long waitedNs, HookOutcome outcome, String code) {
        costs.add(place, name, hook, cpuNs, waitedNs, outcome, code);
    }

    /** What is told of the tries. */
    TriesRecord tries() {
        return tries;
    }

    /** The client is told to send its body. */
    void continued() {
        context.meters().counters().add(Counter.CONTINUES);
    }

    void tunnel() {
        steps.add(TrailSteps.Kind.TUNNEL, TrailSteps.Verdict.PASSED, context.nowNs());
        context.meters().counters().add(Counter.TUNNELS);
    }

    /** It was delayed on purpose. */
    void faultInjected() {
        isFaultInjected = true;
        context.meters().counters().add(Counter.FAULT_DELAYS);
    }

    /** The exchange is refused or broken; the first reason stands. */
    void failed(Reason why) {
        if (reason == null) {
            reason = why;
            context.meters().counters().refused(why);
            RouteRuntime chosen = route;
            if (chosen != null && isOurRefusal(why)) {
                context.meters().counters().add(SeriesCounter.ROUTE_REFUSALS, chosen.id(), 1);
                if (chosen.backend().isOne()) {
                    context.meters()
                            .counters()
                            .add(
                                    SeriesCounter.BACKEND_REFUSALS,
                                    chosen.backend().seriesId(),
                                    1);
                }
            }
        }
    }

    // Neither an endpoint's failure, which its upstream counts, nor a client that went away or stopped reading.
    static boolean isOurRefusal(Reason why) {
        return why.side() != Reason.Side.UPSTREAM && why.status() != GONE_STATUS;
    }

    // ---- amounts ----

    void requestBytes(int count) {
        requestBytes += count;
    }

    void responseBytes(int count) {
        responseBytes += count;
    }

    void status(int sent) {
        status = sent;
    }

    // ---- the end ----

    /** Writes everything down. A stream that ended before its first head was complete is not an exchange anyone asked for. */
    void end(RequestHead head, HiddenParameters hidden) {
        WorkerCounters counters = context.meters().counters();
        counters.add(Counter.REQUESTS_ACTIVE, -1);
        if (!isHeadComplete && (reason == null || reason == Reason.CLIENT_CLOSED)) {
            return;
        }
        tries.done();
        long endNs = context.nowNs();
        totalNs = endNs - startNs;
        int shown = status != 0 ? status : reason == null ? GONE_STATUS : reason.status();
        steps.add(TrailSteps.Kind.END, TrailSteps.Verdict.PASSED, endNs);
        context.meters().requestLatency().record(endNs - startNs);
        counters.add(Counter.REQUESTS);
        counters.responded(shown);
        counters.add(Counter.BYTES_IN, requestBytes);
        counters.add(Counter.BYTES_OUT, responseBytes);
        ListenerRuntime from = listener;
        if (from != null) {
            counters.add(SeriesCounter.LISTENER_REQUESTS, from.id(), 1);
            counters.add(SeriesCounter.LISTENER_BYTES_IN, from.id(), requestBytes);
            counters.add(SeriesCounter.LISTENER_BYTES_OUT, from.id(), responseBytes);
        }
        RouteRuntime chosen = route;
        if (chosen != null) {
            counters.responded(SeriesCounter.ROUTE_RESPONSES_1XX, chosen.id(), shown);
            counters.add(SeriesCounter.ROUTE_BYTES_IN, chosen.id(), requestBytes);
            if (chosen.backend().isOne()) {
                counters.responded(
                        SeriesCounter.BACKEND_RESPONSES_1XX, chosen.backend().seriesId(), shown);
            }
            counters.add(SeriesCounter.ROUTE_BYTES_OUT, chosen.id(), responseBytes);
        }
        hide(head, hidden.names());
        writeAccessRecord(head, !hidden.names().isEmpty(), shown, endNs);
    }

    // Nothing goes on by this head any more, so that what is taken out of it is gone.
    private static void hide(RequestHead head, List<String> names) {
        if (head.queryLength() > 0) {
            for (int i = 0; i < names.size(); i++) {
                head.removeQueryParameter(names.get(i));
            }
        }
    }

    private void writeAccessRecord(RequestHead head, boolean hidesQueries, int shown, long endNs) {
        AccessRecord record = context.meters().accessLog().claim();
        record.started(context.epochClock().epochUs(startNs))
                .duration(endNs - startNs)
                .upstreamDuration(tries.durationNs())
                .transferred(requestBytes, responseBytes)
                .status(shown)
                .tries(tries.count())
                .text(AccessText.REQUEST_ID, requestId.bytes(), 0, requestId.length())
                .text(AccessText.PROTOCOL, protocol);
        int prefix = AddressText.isV4(clientAddress) ? AddressText.BYTES - IPV4_BYTES : 0;
        record.text(AccessText.CLIENT_ADDRESS, clientAddress, prefix, AddressText.BYTES - prefix);
        Reason why = reason;
        if (why != null) {
            record.reason(why);
        } else if (isFaultInjected) {
            // Served, and yet not to be mistaken for an answer that took its own time.
            record.reason(Reason.FAULT_INJECTED);
        }
        byte[] bytes = head.bytes();
        record.text(AccessText.METHOD, bytes, head.methodOffset(), head.methodLength());
        record.text(AccessText.HOST, bytes, authorityOffset, authorityLength);
        record.text(AccessText.PATH, bytes, pathOffset, pathLength);
        record.text(AccessText.QUERY, bytes, head.queryOffset(), head.queryLength());
        field(record, AccessText.USER_AGENT, head.fields(), KnownField.USER_AGENT);
        referer(record, head.fields(), hidesQueries);
        TlsFacts secure = tls;
        if (secure != null) {
            record.text(AccessText.TLS_VERSION, secure.versionBytes());
            record.text(AccessText.SERVER_NAME, secure.serverNameBytes());
        }
        ListenerRuntime from = listener;
        if (from != null) {
            record.text(AccessText.LISTENER, from.nameBytes());
        }
        RouteRuntime chosen = route;
        if (chosen != null) {
            record.text(AccessText.ROUTE, chosen.nameBytes());
        }
        byte[] caller = consumer;
        if (caller != null) {
            record.text(AccessText.CONSUMER, caller);
        }
        Upstream asked = tries.upstream();
        if (asked != null) {
            record.text(AccessText.UPSTREAM, asked.nameBytes());
        }
        Endpoint tried = tries.endpoint();
        if (tried != null) {
            record.text(AccessText.ENDPOINT, tried.nameBytes());
        }
        record.steps(steps).costs(costs);
        context.meters().accessLog().publish();
    }

    // The page that a request comes from may have been asked for with a key.
    private static void referer(AccessRecord record, Fields fields, boolean hidesQueries) {
        int index = fields.find(KnownField.REFERER);
        if (index >= 0) {
            int offset = fields.valueOffset(index);
            int end = offset + fields.valueLength(index);
            int mark = offset;
            while (mark < end && !(hidesQueries && fields.bytes()[mark] == '?')) {
                mark++;
            }
            record.text(AccessText.REFERER, fields.bytes(), offset, mark - offset);
        }
    }

    private static void field(AccessRecord record, AccessText text, Fields fields, KnownField known) {
        int index = fields.find(known);
        if (index >= 0) {
            record.text(text, fields.bytes(), fields.valueOffset(index), fields.valueLength(index));
        }
    }

    /** Who calls; the array is kept for a while and not to be written to. */
    void consumer(byte[] name) {
        consumer = name;
    }

    boolean hasFailed(Reason why) {
        return reason == why;
    }

    // ---- for the log hooks of filters ----

    @Override
    public int status() {
        return status;
    }

    @Override
    public String reason() {
        Reason why = reason;
        return why == null ? "" : why.code();
    }

    @Override
    public long totalNs() {
        return totalNs;
    }

    @Override
    public long upstreamNs() {
        return Math.max(0, tries.durationNs());
    }

    @Override
    public long requestBytes() {
        return requestBytes;
    }

    @Override
    public long responseBytes() {
        return responseBytes;
    }

    @Override
    public String upstream() {
        Upstream asked = tries.upstream();
        return asked == null ? "" : asked.name();
    }

    @Override
    public String endpoint() {
        Endpoint tried = tries.endpoint();
        return tried == null ? "" : tried.authority();
    }

    @Override
    public int attempts() {
        return tries.count();
    }

    void reset() {
        costs.clear();
        totalNs = 0;
        requestBytes = 0;
        responseBytes = 0;
        status = 0;
        pathOffset = 0;
        pathLength = 0;
        authorityOffset = 0;
        authorityLength = 0;
        isHeadComplete = false;
        isFaultInjected = false;
        reason = null;
        listener = null;
        tls = null;
        route = null;
        tries.reset();
        consumer = null;
    }
}

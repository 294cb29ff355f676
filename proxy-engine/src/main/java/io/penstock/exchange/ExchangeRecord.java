package io.penstock.exchange;

import io.penstock.exchange.facts.RequestIdText;
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
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.Upstream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What is told about one exchange: its trail while it runs; its counters, latencies and access record when it ends. Plain
 * fields, no allocation for an exchange that goes well.
 */
@WorkerConfined
final class ExchangeRecord implements ExchangeSummary {
    /** What stands in the place of a route where a certificate authority is answered. */
    private static final byte[] PROOF = "acme-challenge".getBytes(StandardCharsets.US_ASCII);

    /** What stands for the status of an exchange whose client saw none. */
    private static final int GONE_STATUS = 499;

    private final ExchangeContext context;
    private final TrailSteps steps = new TrailSteps();
    private final HookCosts costs = new HookCosts();
    private final RequestAsAsked asked = new RequestAsAsked();
    private final TriesRecord tries;

    private long startNs;
    private long totalNs;
    private long requestBytes;
    private long responseBytes;
    private int status;
    private boolean isFaultInjected;
    private @Nullable Reason reason;
    private @Nullable ListenerRuntime listener;
    private @Nullable RouteRuntime route;
    private byte @Nullable [] consumer;

    ExchangeRecord(ExchangeContext context) {
        this.context = context;
        this.tries = new TriesRecord(context, steps);
    }

    void begin(DownstreamStream stream) {
        startNs = context.nowNs();
        listener = stream.listener();
        asked.begin(stream);
        asked.id().make(context.requestIds(), context.epochClock().epochUs(startNs) / 1000);
        steps.begin(startNs);
        context.meters().counters().add(Counter.REQUESTS_ACTIVE);
    }

    void headComplete(RequestHead head, byte[] canonicalClientAddress, byte[] spokenProtocol) {
        asked.headComplete(head, canonicalClientAddress, spokenProtocol);
    }

    long startNs() {
        return startNs;
    }

    RequestIdText requestId() {
        return asked.id();
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
        if (!asked.isHeadComplete() && (reason == null || reason == Reason.CLIENT_CLOSED)) {
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
        writeAccessRecord(head, hidden, shown, endNs);
    }

    private void writeAccessRecord(RequestHead head, HiddenParameters hidden, int shown, long endNs) {
        AccessRecord record = context.meters().accessLog().claim();
        record.started(context.epochClock().epochUs(startNs))
                .duration(endNs - startNs)
                .upstreamDuration(tries.durationNs())
                .transferred(requestBytes, responseBytes)
                .status(shown)
                .tries(tries.count());
        Reason why = reason;
        if (why != null) {
            record.reason(why);
        } else if (isFaultInjected) {
            // Served, and yet not to be mistaken for an answer that took its own time.
            record.reason(Reason.FAULT_INJECTED);
        }
        asked.writeTo(record, head, hidden);
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
        Upstream upstream = tries.upstream();
        if (upstream != null) {
            record.text(AccessText.UPSTREAM, upstream.nameBytes());
        }
        Endpoint tried = tries.endpoint();
        if (tried != null) {
            record.text(AccessText.ENDPOINT, tried.nameBytes());
        }
        record.steps(steps).costs(costs);
        context.meters().accessLog().publish();
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
        Upstream upstream = tries.upstream();
        return upstream == null ? "" : upstream.name();
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
        asked.reset();
        totalNs = 0;
        requestBytes = 0;
        responseBytes = 0;
        status = 0;
        isFaultInjected = false;
        reason = null;
        listener = null;
        route = null;
        tries.reset();
        consumer = null;
    }
}

package io.penstock.exchange;

import io.penstock.exchange.facts.FilterNotes;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailSteps;
import io.penstock.snapshot.Authenticators;
import io.penstock.snapshot.FilterSlot;
import io.penstock.spi.ClientView;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The walk of one exchange through its filter chain: forward through the request hooks, back through the response hooks
 * of those filters that were entered, with a stop wherever a filter suspends.
 */
@WorkerConfined
final class FilterRun {
    private static final Logger LOG = LoggerFactory.getLogger(FilterRun.class);
    private static final int NOT_BEGUN = -1;
    private static final int UNAUTHORIZED = 401;

    /** How long one hook may keep an exchange suspended, whatever its route's {@code timeouts.total} says. */
    static final long SUSPENSION_MAX_NS = 60_000_000_000L;

    /** How long all response hooks together may take over the answer that tells of the total timeout. */
    static final long LATE_HOOKS_MAX_NS = 1_000_000_000L;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final FilterChain chain = new FilterChain();
    private final AuthRun auth;
    private final FilterNotes notes;
    private final Steering steering;
    private final ExchangeClient client;
    private final RequestEdits requestView;
    private final ResponseEdits responseView;
    private final HookCall requestCall;
    private final HookCall responseCall;

    private int responseIndex = NOT_BEGUN;
    private int tryIndex;
    private boolean isErrorTold;
    private boolean isLate;
    private long lateHooksEndNs;

    FilterRun(Exchange exchange, ExchangeContext context, FilterNotes notes) {
        this.exchange = exchange;
        this.context = context;
        this.notes = notes;
        this.auth = new AuthRun(exchange, chain, notes);
        this.steering = new Steering(exchange, context);
        this.client = new ExchangeClient(exchange);
        this.requestView = new RequestEdits(exchange.request(), exchange.parameters());
        this.responseView = new ResponseEdits(exchange);
        this.requestCall = new HookCall(exchange, context, this);
        this.responseCall = new HookCall(exchange, context, this);
    }

    void begin(FilterSlot[] filters) {
        chain.begin(filters);
    }

    FilterChain chain() {
        return chain;
    }

    FilterNotes notes() {
        return notes;
    }

    ClientView client() {
        return client;
    }

    Steering steering() {
        return steering;
    }

    RequestView requestView() {
        return requestView;
    }

    HookCall requestCall() {
        return requestCall;
    }

    HookCall responseCall() {
        return responseCall;
    }

    // ---- the heads ----

    /** Runs the request hooks of one phase. @return false if the exchange waits or has ended: return at once */
    boolean runRequest(FilterPhase phase) {
        while (chain.hasNext(phase)) {
            int at = chain.enter();
            if (chain.has(Hook.REQUEST, at) && !enter(requestCall, at, Hook.REQUEST)) {
                return false;
            }
        }
        return true;
    }

    /** Asks the entries of {@code auth} that are left until one decides. @return as {@link #runRequest} */
    boolean runAuth() {
        while (auth.goesOn()) {
            int at = chain.enter();
            if (!auth.isKnown(at) && chain.has(Hook.REQUEST, at) && !enter(requestCall, at, Hook.REQUEST)) {
                return false;
            }
        }
        chain.passOver(FilterPhase.AUTH);
        return auth.isAdmitted();
    }

    /** Begins the hooks of another try. @return false if the exchange waits or has ended: return at once */
    boolean beginUpstreamRequest() {
        tryIndex = chain.first(Hook.UPSTREAM_REQUEST);
        return tryIndex == FilterChain.NONE || runUpstreamRequest();
    }

    private boolean runUpstreamRequest() {
        while (tryIndex != FilterChain.NONE) {
            int at = tryIndex;
            tryIndex = chain.next(Hook.UPSTREAM_REQUEST, at);
            if (!enter(requestCall, at, Hook.UPSTREAM_REQUEST)) {
                return false;
            }
        }
        return true;
    }

    /** Runs the response hooks not run yet, inner first. @return false if the exchange waits or has ended */
    boolean runResponse() {
        if (responseIndex == NOT_BEGUN) {
            responseIndex = chain.entered();
        }
        while (responseIndex > 0) {
            int at = chain.next(Hook.RESPONSE, responseIndex);
            responseIndex = Math.max(at, 0);
            if (at != FilterChain.NONE && !enter(responseCall, at, Hook.RESPONSE)) {
                return false;
            }
        }
        return true;
    }

    private boolean enter(HookCall call, int at, Hook hook) {
        Verdict verdict = call.enter(at, hook);
        if (verdict instanceof Verdict.Suspended) {
            if (hook == Hook.RESPONSE) {
                exchange.response().keepHead();
            }
            record(at, hook, verdict);
            return false;
        }
        return accept(at, hook, verdict);
    }

    /** Calls the hook itself. */
    Verdict call(Filter filter, Hook hook, RequestView request, FilterCall call) {
        return switch (hook) {
            case REQUEST -> filter.onRequest(request, call);
            case UPSTREAM_REQUEST ->
                filter.onUpstreamRequest(request, exchange.attempts().endpointView(), call);
            case REQUEST_BODY ->
                filter.onRequestBody(exchange.requestBody().run().part(), call);
            case RESPONSE -> {
                responseView.open();
                yield filter.onResponse(responseView, call);
            }
            case RESPONSE_BODY ->
                filter.onResponseBody(exchange.responseBody().run().part(), call);
            case TRAILERS ->
                filter.onResponseTrailers(exchange.responseBody().trailers().fields(), call);
            case NONE, ERROR, LOG -> throw new IllegalStateException("no verdict comes of " + hook);
        };
    }

    /** What a hook that threw has said. */
    Verdict threw(FilterSlot filter, RuntimeException defect) {
        LOG.error("filter \"{}\" of {} threw", filter.prepared().name(), filter.origin(), defect);
        return new Verdict.Failed(
                Reason.FILTER_FAILED, "filter \"" + filter.prepared().name() + "\" threw");
    }

    private boolean accept(int at, Hook hook, Verdict given) {
        Verdict verdict = given;
        if (hook == Hook.REQUEST) {
            verdict = exchange.requestBody().settle(given);
        } else if (hook == Hook.RESPONSE) {
            responseView.close();
            verdict = exchange.responseBody().settle(given);
        }
        record(at, hook, verdict);
        return switch (verdict) {
            case Verdict.Continue go -> true;
            case Verdict.Suspended again -> throw new IllegalStateException("a suspended hook has no verdict yet");
            case Verdict.Answered answered -> {
                exchange.answerOfFilter(answered.answer());
                yield false;
            }
            case Verdict.Failed failed -> isSkipped(at, failed) || refuse(failed);
        };
    }

    private boolean refuse(Verdict.Failed failed) {
        if (failed.reason().status() == UNAUTHORIZED || failed.reason() == Reason.SCOPE_REQUIRED) {
            exchange.ownAnswer().challenges(notes.challenges());
        }
        exchange.refuse(failed.reason(), failed.detail());
        return false;
    }

    // Never one that finds out who calls: its failure must not let anybody in.
    private boolean isSkipped(int at, Verdict.Failed failed) {
        return failed.reason() == Reason.FILTER_FAILED
                && chain.prepared(at).isSkippedOnFailure()
                && chain.prepared(at).phase() != FilterPhase.AUTH;
    }

    private void record(int at, Hook hook, Verdict verdict) {
        TrailSteps.Kind kind = kindOf(at, hook);
        if (kind == TrailSteps.Kind.AUTH && verdict instanceof Verdict.Continue && auth.isDecidedBy(at)) {
            exchange.record().identified(chain.slot(at).nameBytes());
        } else {
            exchange.record().filter(chain.slot(at), kind, verdict);
        }
    }

    private TrailSteps.Kind kindOf(int at, Hook hook) {
        if (hook != Hook.REQUEST && hook != Hook.UPSTREAM_REQUEST && hook != Hook.REQUEST_BODY) {
            return TrailSteps.Kind.RESPONSE_FILTER;
        }
        Authenticators asked = exchange.route().authenticators();
        return at >= asked.first() && at < asked.end()
                ? TrailSteps.Kind.AUTH
                : chain.prepared(at).phase() == FilterPhase.ACCESS
                        ? TrailSteps.Kind.ACCESS
                        : TrailSteps.Kind.REQUEST_FILTER;
    }

    // ---- bodies ----

    /** Takes the verdict of a body or trailers hook. @return false if the exchange has ended: return at once */
    boolean acceptOfBody(int at, Hook hook, Verdict verdict) {
        if (verdict instanceof Verdict.Continue) {
            return true;
        }
        record(at, hook, verdict);
        if (verdict instanceof Verdict.Answered answered) {
            if (hook == Hook.REQUEST_BODY && exchange.phase() == Phase.AWAIT) {
                exchange.answerOfFilter(answered.answer());
                return false;
            }
            return refuse(new Verdict.Failed(
                    Reason.FILTER_FAILED, "a filter answered where the endpoint's answer had begun"));
        }
        Verdict.Failed failed = (Verdict.Failed) verdict;
        return isSkipped(at, failed) || refuse(failed);
    }

    /** Runs one trailers hook. @return false if the exchange waits or has ended: return at once */
    boolean enterTrailers(int at) {
        Verdict verdict = responseCall.enter(at, Hook.TRAILERS);
        return !(verdict instanceof Verdict.Suspended) && acceptOfBody(at, Hook.TRAILERS, verdict);
    }

    // ---- what filters are told ----

    /** Tells filters that the exchange is refused or has failed; once. */
    void tellError(Reason reason, String detail) {
        if (isErrorTold) {
            return;
        }
        isErrorTold = true;
        for (int at = chain.first(Hook.ERROR); at != FilterChain.NONE; at = chain.next(Hook.ERROR, at)) {
            responseCall.tell(at, Hook.ERROR, filter -> filter.onError(reason, detail, responseCall));
        }
    }

    boolean hasLogHooks() {
        return chain.first(Hook.LOG) != FilterChain.NONE;
    }

    /** Tells filters that the exchange has ended. */
    void tellLog() {
        for (int at = chain.first(Hook.LOG); at != FilterChain.NONE; at = chain.next(Hook.LOG, at)) {
            responseCall.tell(at, Hook.LOG, filter -> filter.onLog(exchange.record(), responseCall));
        }
    }

    // ---- suspensions ----

    /** Goes on after a suspension, if {@code ticket} is one that is waited for. */
    void resume(long ticket, Verdict verdict) {
        if (!requestCall.resume(ticket, verdict)) {
            responseCall.resume(ticket, verdict);
        }
    }

    /** A hook that was waited for has come to its verdict. */
    void resumed(HookCall call, int at, Hook hook, Verdict verdict) {
        switch (hook) {
            case REQUEST -> {
                if (accept(at, hook, verdict)) {
                    exchange.requestFiltersGoOn();
                }
            }
            case UPSTREAM_REQUEST -> {
                if (accept(at, hook, verdict) && runUpstreamRequest()) {
                    exchange.attempts().send();
                }
            }
            case REQUEST_BODY -> exchange.requestBody().run().resumed(at, verdict);
            case RESPONSE -> {
                if (accept(at, hook, verdict) && runResponse()) {
                    exchange.responseFiltersDone();
                }
            }
            case RESPONSE_BODY -> exchange.responseBody().run().resumed(at, verdict);
            case TRAILERS -> {
                if (acceptOfBody(at, hook, verdict)) {
                    exchange.responseBody().trailers().goOn();
                }
            }
            case NONE, ERROR, LOG -> throw new IllegalStateException("nobody waits for " + hook);
        }
    }

    /** Tells filters that are waited for that nobody waits any more. */
    void cancel() {
        cancelRequest();
        responseCall.cancel();
        exchange.responseBody().stop();
        responseView.close();
    }

    /** The same for those that look at the request: nobody wants more of it. */
    void cancelRequest() {
        requestCall.cancel();
        exchange.requestBody().stop();
    }

    /** The exchange's total time is over: hooks that look at its refusal get a moment and no more. */
    void hurry(long nowNs) {
        isLate = true;
        lateHooksEndNs = nowNs + LATE_HOOKS_MAX_NS;
    }

    long suspensionEndNs() {
        long endNs = context.nowNs() + SUSPENSION_MAX_NS;
        return isLate ? Math.min(endNs, lateHooksEndNs) : endNs;
    }

    void suspendedTooLong(HookCall call, int at, Hook hook) {
        String name = chain.prepared(at).name();
        Verdict failed = new Verdict.Failed(Reason.FILTER_FAILED, "filter \"" + name + "\" did not resume in time");
        call.cancel();
        if (isLate && hook == Hook.RESPONSE) {
            // Only response hooks run then, over an own answer that says why the exchange has ended: it goes as it is.
            record(at, hook, failed);
            exchange.responseFiltersDone();
        } else {
            resumed(call, at, hook, failed);
        }
    }

    long nextTicket() {
        return (long) exchange.nextSuspension() << 32 | exchange.slot();
    }

    /** The slot of the exchange that a ticket was given for. */
    static int slotOf(long ticket) {
        return (int) ticket;
    }

    void reset() {
        chain.reset();
        auth.reset();
        notes.reset();
        steering.reset();
        responseIndex = NOT_BEGUN;
        isErrorTold = false;
        isLate = false;
    }
}

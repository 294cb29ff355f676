package io.penstock.exchange;

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
    private static final FilterSlot[] NO_FILTERS = {};
    private static final int NOT_BEGUN = -1;

    /** How long one hook may keep an exchange suspended, whatever its route's {@code timeouts.total} says. */
    static final long SUSPENSION_MAX_NS = 60_000_000_000L;

    /** How long all response hooks together may take over the answer that tells of the total timeout. */
    static final long LATE_HOOKS_MAX_NS = 1_000_000_000L;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final int slot;
    private final FilterNotes notes = new FilterNotes();
    private final Steering steering;
    private final ExchangeClient client;
    private final RequestEdits requestView;
    private final ResponseEdits responseView;
    private final HookCall requestCall;
    private final HookCall responseCall;

    private FilterSlot[] chain = NO_FILTERS;
    private int entered;
    // Entries that were passed over because an earlier one had found out who calls.
    private int passedOverFrom;
    private int passedOverTo;
    private int responseIndex = NOT_BEGUN;
    private int suspensions;
    private boolean isLate;
    private long lateHooksEndNs;

    FilterRun(Exchange exchange, ExchangeContext context, int slot) {
        this.exchange = exchange;
        this.context = context;
        this.slot = slot;
        this.steering = new Steering(exchange, context);
        this.client = new ExchangeClient(exchange);
        this.requestView = new RequestEdits(exchange.request(), exchange.parameters());
        this.responseView = new ResponseEdits(exchange);
        this.requestCall = new HookCall(exchange, context, this);
        this.responseCall = new HookCall(exchange, context, this);
    }

    void begin(FilterSlot[] filters) {
        chain = filters;
    }

    RequestView requestView() {
        return requestView;
    }

    Steering steering() {
        return steering;
    }

    /** Whether any filter that has run wants to see the response. */
    boolean hasResponseHooks() {
        for (int i = entered - 1; i >= 0; i--) {
            if (chain[i].prepared().hasResponseHook() && !isPassedOver(i)) {
                return true;
            }
        }
        return false;
    }

    private boolean isPassedOver(int at) {
        return at >= passedOverFrom && at < passedOverTo;
    }

    // ---- the heads ----

    /** Runs the request hooks of one phase. @return false if the exchange waits or has ended: return at once */
    boolean runRequest(FilterPhase phase) {
        while (entered < chain.length && chain[entered].prepared().phase() == phase) {
            if (phase == FilterPhase.AUTH && notes.identity() != null) {
                passOver(phase);
                break;
            }
            int at = entered++;
            if (chain[at].prepared().hasRequestHook() && !enter(requestCall, at, Hook.REQUEST)) {
                return false;
            }
        }
        return phase != FilterPhase.AUTH || isAdmitted();
    }

    private void passOver(FilterPhase phase) {
        passedOverFrom = entered;
        while (entered < chain.length && chain[entered].prepared().phase() == phase) {
            entered++;
        }
        passedOverTo = entered;
    }

    private boolean isAdmitted() {
        if (exchange.route().authenticators().allowsAnonymous() || notes.identity() != null) {
            return true;
        }
        exchange.ownAnswer().challenges(notes.challenges());
        exchange.refuse(Reason.UNAUTHENTICATED, "");
        return false;
    }

    /** Runs the response hooks not run yet, inner first. @return false if the exchange waits or has ended */
    boolean runResponse() {
        if (responseIndex == NOT_BEGUN) {
            responseIndex = entered;
        }
        while (responseIndex > 0) {
            int at = --responseIndex;
            if (chain[at].prepared().hasResponseHook()
                    && !isPassedOver(at)
                    && !enter(responseCall, at, Hook.RESPONSE)) {
                return false;
            }
        }
        return true;
    }

    private boolean enter(HookCall call, int at, Hook hook) {
        Verdict verdict = call.enter(at, hook);
        if (verdict instanceof Verdict.Suspended) {
            record(at, hook, verdict);
            return false;
        }
        return accept(at, hook, verdict);
    }

    /** Calls the hook itself. */
    Verdict call(Filter filter, Hook hook, RequestView request, FilterCall call) {
        return switch (hook) {
            case REQUEST -> filter.onRequest(request, call);
            case RESPONSE -> {
                responseView.open();
                yield filter.onResponse(responseView, call);
            }
            case NONE, UPSTREAM_REQUEST, REQUEST_BODY, RESPONSE_BODY, TRAILERS, TOLD ->
                throw new IllegalStateException("no verdict comes of " + hook);
        };
    }

    /** What a hook that threw has said. */
    Verdict threw(FilterSlot filter, RuntimeException defect) {
        LOG.error("filter \"{}\" of {} threw", filter.prepared().name(), filter.origin(), defect);
        return new Verdict.Failed(
                Reason.FILTER_FAILED, "filter \"" + filter.prepared().name() + "\" threw");
    }

    private boolean accept(int at, Hook hook, Verdict verdict) {
        if (hook == Hook.RESPONSE) {
            responseView.close();
        }
        record(at, hook, verdict);
        return switch (verdict) {
            case Verdict.Continue go -> true;
            case Verdict.Suspended again -> throw new IllegalStateException("a suspended hook has no verdict yet");
            case Verdict.Answered answered -> {
                exchange.answerOfFilter(answered.answer());
                yield false;
            }
            case Verdict.Failed failed -> {
                if (isSkipped(at, failed)) {
                    yield true;
                }
                exchange.refuse(failed.reason(), failed.detail());
                yield false;
            }
        };
    }

    // Never one that finds out who calls: its failure must not let anybody in.
    private boolean isSkipped(int at, Verdict.Failed failed) {
        return failed.reason() == Reason.FILTER_FAILED
                && chain[at].prepared().isSkippedOnFailure()
                && chain[at].prepared().phase() != FilterPhase.AUTH;
    }

    private void record(int at, Hook hook, Verdict verdict) {
        Authenticators asked = exchange.route().authenticators();
        TrailSteps.Kind kind = hook == Hook.RESPONSE
                ? TrailSteps.Kind.RESPONSE_FILTER
                : at >= asked.first() && at < asked.end() ? TrailSteps.Kind.AUTH : TrailSteps.Kind.REQUEST_FILTER;
        exchange.record().filter(chain[at], kind, verdict);
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
        if (!accept(at, hook, verdict)) {
            return;
        }
        switch (hook) {
            case REQUEST -> exchange.requestFiltersGoOn();
            case RESPONSE -> {
                if (runResponse()) {
                    exchange.responseFiltersDone();
                }
            }
            case NONE, UPSTREAM_REQUEST, REQUEST_BODY, RESPONSE_BODY, TRAILERS, TOLD ->
                throw new IllegalStateException("nobody waits for " + hook);
        }
    }

    /** Tells filters that are waited for that nobody waits any more. */
    void cancel() {
        requestCall.cancel();
        responseCall.cancel();
        responseView.close();
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
        String name = chain[at].prepared().name();
        Verdict failed = new Verdict.Failed(Reason.FILTER_FAILED, "filter \"" + name + "\" did not resume in time");
        call.cancel();
        if (isLate) {
            // Only response hooks run then, over an own answer that says why the exchange has ended: it goes as it is.
            record(at, hook, failed);
            exchange.responseFiltersDone();
        } else {
            resumed(call, at, hook, failed);
        }
    }

    long nextTicket() {
        suspensions++;
        return (long) suspensions << 32 | slot;
    }

    /** The slot of the exchange that a ticket was given for. */
    static int slotOf(long ticket) {
        return (int) ticket;
    }

    // ---- for the calls ----

    FilterSlot slot(int at) {
        return chain[at];
    }

    int entries() {
        return chain.length;
    }

    FilterNotes notes() {
        return notes;
    }

    ClientView client() {
        return client;
    }

    void reset() {
        chain = NO_FILTERS;
        entered = 0;
        passedOverFrom = 0;
        passedOverTo = 0;
        responseIndex = NOT_BEGUN;
        isLate = false;
        notes.reset();
        steering.reset();
    }
}

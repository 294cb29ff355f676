package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.FilterSlot;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.transport.Timer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The walk of one exchange through its filter chain: forward through the request hooks, back through the response hooks
 * of those filters that were entered, with a stop wherever a filter suspends.
 *
 * <p>A ticket is the exchange's slot in its pool with a count of the suspensions of that slot, so that a ticket of an
 * earlier life, or one resumed already, matches nothing.
 */
@WorkerConfined
final class FilterRun implements FilterCall {
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
    private final RequestEdits requestView;
    private final ResponseEdits responseView;

    private FilterSlot[] chain = NO_FILTERS;
    private int entered;
    private int responseIndex = NOT_BEGUN;
    private int suspensions;
    private boolean isInRequest;
    private boolean isAnnounced;
    private boolean isLate;
    private long lateHooksEndNs;
    private final SuspensionTimer suspensionTimer = new SuspensionTimer();
    private @Nullable Filter suspended;
    private @Nullable Verdict early;

    FilterRun(Exchange exchange, ExchangeContext context, int slot) {
        this.exchange = exchange;
        this.context = context;
        this.slot = slot;
        this.requestView = new RequestEdits(exchange.request(), exchange.parameters());
        this.responseView = new ResponseEdits(exchange);
    }

    void begin(FilterSlot[] filters) {
        chain = filters;
    }

    RequestView requestView() {
        return requestView;
    }

    /** Whether any filter that has run wants to see the response. */
    boolean hasResponseHooks() {
        for (int i = entered - 1; i >= 0; i--) {
            if (chain[i].prepared().hasResponseHook()) {
                return true;
            }
        }
        return false;
    }

    /** Runs the request hooks of one phase. @return false if the exchange waits or has ended: return at once */
    boolean runRequest(FilterPhase phase) {
        isInRequest = true;
        while (entered < chain.length && chain[entered].prepared().phase() == phase) {
            FilterSlot next = chain[entered++];
            if (next.prepared().hasRequestHook() && !enter(next)) {
                return false;
            }
        }
        return true;
    }

    /** Runs the response hooks not run yet, inner first. @return false if the exchange waits or has ended */
    boolean runResponse() {
        isInRequest = false;
        if (responseIndex == NOT_BEGUN) {
            responseIndex = entered;
        }
        while (responseIndex > 0) {
            FilterSlot next = chain[--responseIndex];
            if (next.prepared().hasResponseHook() && !enter(next)) {
                return false;
            }
        }
        return true;
    }

    private boolean enter(FilterSlot next) {
        Filter filter = next.of(context.worker().id().index());
        Verdict verdict;
        try {
            verdict = isInRequest ? filter.onRequest(requestView, this) : filter.onResponse(responseView, this);
        } catch (RuntimeException defect) {
            LOG.error(
                    "filter \"{}\" of {} threw; its exchange ends with 500",
                    next.prepared().name(),
                    next.origin(),
                    defect);
            verdict = new Verdict.Failed(
                    Reason.FILTER_FAILED, "filter \"" + next.prepared().name() + "\" threw");
        }
        if (verdict instanceof Verdict.Suspended) {
            if (!isAnnounced) {
                verdict = new Verdict.Failed(
                        Reason.FILTER_FAILED,
                        "filter \"" + next.prepared().name() + "\" returned SUSPENDED without calling suspend()");
            } else if (early != null) {
                verdict = early;
            } else {
                suspended = filter;
                boundSuspension();
                exchange.record().filter(next, isInRequest, verdict);
                return false;
            }
        }
        isAnnounced = false;
        early = null;
        exchange.record().filter(next, isInRequest, verdict);
        return accept(verdict);
    }

    private boolean accept(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Continue go -> true;
            case Verdict.Suspended again -> throw new IllegalArgumentException("a filter cannot resume with SUSPENDED");
            case Verdict.Answered answered -> {
                exchange.answerOfFilter(answered.answer());
                yield false;
            }
            case Verdict.Failed failed -> {
                exchange.refuse(failed.reason(), failed.detail());
                yield false;
            }
        };
    }

    @Override
    public long suspend() {
        if (!isAnnounced) {
            isAnnounced = true;
            suspensions++;
        }
        return ticket();
    }

    /** Goes on after a suspension, if {@code ticket} is the one that is waited for. */
    void resume(long ticket, Verdict verdict) {
        if (ticket != ticket()) {
            return;
        }
        if (suspended == null) {
            if (isAnnounced) {
                early = verdict;
            }
            return;
        }
        suspended = null;
        isAnnounced = false;
        suspensions++;
        context.wheel().disarm(suspensionTimer);
        boolean wasInRequest = isInRequest;
        if (!accept(verdict)) {
            return;
        }
        if (wasInRequest) {
            exchange.requestFiltersGoOn();
        } else if (runResponse()) {
            exchange.responseFiltersDone();
        }
    }

    /** Tells a filter that is waited for that nobody waits any more. */
    void cancel() {
        Filter waiting = suspended;
        if (waiting != null) {
            long ticket = ticket();
            suspended = null;
            isAnnounced = false;
            suspensions++;
            context.wheel().disarm(suspensionTimer);
            try {
                waiting.cancelled(ticket);
            } catch (RuntimeException defect) {
                LOG.error("a filter threw while it was told of a cancelled exchange", defect);
            }
        }
    }

    /** The exchange's total time is over: hooks that look at its refusal get a moment and no more. */
    void hurry(long nowNs) {
        isLate = true;
        lateHooksEndNs = nowNs + LATE_HOOKS_MAX_NS;
    }

    private void boundSuspension() {
        long endNs = context.nowNs() + SUSPENSION_MAX_NS;
        context.wheel().arm(suspensionTimer, isLate ? Math.min(endNs, lateHooksEndNs) : endNs);
    }

    private void suspendedTooLong() {
        FilterSlot slow = chain[isInRequest ? entered - 1 : responseIndex];
        String name = slow.prepared().name();
        Verdict.Failed failed =
                new Verdict.Failed(Reason.FILTER_FAILED, "filter \"" + name + "\" did not resume in time");
        exchange.record().filter(slow, isInRequest, failed);
        if (isLate) {
            // Only response hooks run then, over an own answer that says why the exchange has ended: it goes as it is.
            cancel();
            exchange.responseFiltersDone();
        } else {
            exchange.refuse(failed.reason(), failed.detail());
        }
    }

    private long ticket() {
        return (long) suspensions << 32 | slot;
    }

    /** The slot of the exchange that a ticket was given for. */
    static int slotOf(long ticket) {
        return (int) ticket;
    }

    @Override
    public FilterWorker worker() {
        return context.worker();
    }

    @Override
    public String route() {
        return exchange.route().name();
    }

    @Override
    public String requestId() {
        return exchange.record().requestId().toString();
    }

    void reset() {
        chain = NO_FILTERS;
        entered = 0;
        responseIndex = NOT_BEGUN;
        isAnnounced = false;
        isLate = false;
        early = null;
    }

    private final class SuspensionTimer extends Timer {
        @Override
        protected void expired(long nowNs) {
            suspendedTooLong();
        }
    }
}

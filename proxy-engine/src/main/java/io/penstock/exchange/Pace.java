package io.penstock.exchange;

import io.penstock.exchange.limits.LimitCheck;
import io.penstock.exchange.limits.LimitSubject;
import io.penstock.exchange.limits.PaceShare;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Timer;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds the bodies of one exchange to the bandwidths of its limits, each direction by itself: nothing is dropped and nothing
 * kept, but the side that sends is not read until more is due, and its socket's window does the rest.
 *
 * <p>{@link PaceShare} says when that is.
 */
@WorkerConfined
final class Pace implements LimitSubject.Bandwidths {
    private static final long MILLISECOND_NS = 1_000_000L;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final Direction request = new Direction(true);
    private final Direction response = new Direction(false);

    Pace(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    @Override
    public void add(LimitPlan plan, KeyHash key) {
        request.add(plan, key);
        response.add(plan, key);
    }

    /** Whether more of the request's body is wanted. */
    void demandRequest(boolean wanted) {
        request.demand(wanted);
    }

    /** Whether more of the answer's body is wanted. */
    void demandResponse(boolean wanted) {
        response.demand(wanted);
    }

    void requestPassed(int bytes) {
        request.passed(bytes);
    }

    void responsePassed(int bytes) {
        response.passed(bytes);
    }

    /** The exchange has ended. */
    void stop() {
        request.stop();
        response.stop();
    }

    /** One direction; as a timer it is what a body waits for, and after that how long it has not had to wait. */
    private final class Direction extends Timer {
        private final boolean isRequest;

        // As many as the exchanges of this slot had bandwidths at most; of them `count` are in use.
        private final List<PaceShare> shares = new ArrayList<>(1);
        private int count;
        private boolean isWanted;
        private boolean isWaiting;
        private boolean isTold;
        private int waitsFor;
        private long waitingSinceNs;

        Direction(boolean isRequest) {
            this.isRequest = isRequest;
        }

        void add(LimitPlan plan, KeyHash key) {
            if (plan.bitsPerSecond(isRequest) == 0) {
                return;
            }
            if (count == shares.size()) {
                shares.add(new PaceShare(isRequest, plan));
            }
            shares.get(count++).begin(plan, key);
        }

        void demand(boolean wanted) {
            isWanted = wanted;
            if (wanted && count > 0 && !isWaiting) {
                settle(0, context.nowNs());
            }
            apply(wanted && !isWaiting);
        }

        void passed(int bytes) {
            if (count == 0) {
                return;
            }
            settle(bytes, context.nowNs());
            if (isWaiting) {
                apply(false);
            }
        }

        // Charges what has passed, and waits if nothing more is due.
        private void settle(int bytes, long nowNs) {
            long waitNs = charge(bytes, nowNs);
            if (waitNs > 0) {
                beginWait(nowNs);
                context.wheel().arm(this, nowNs + waitNs);
            }
        }

        private long charge(int bytes, long nowNs) {
            LimitCheck limits = context.limits();
            long waitNs = 0;
            for (int i = 0; i < count; i++) {
                PaceShare share = shares.get(i);
                long ownWaitNs = share.charge(limits.rates(), limits.places(), bytes, nowNs);
                if (ownWaitNs > waitNs) {
                    waitNs = ownWaitNs;
                    waitsFor = i;
                }
                counters().add(SeriesCounter.LIMIT_PACED_BYTES, share.plan().seriesId(), bytes);
            }
            return waitNs;
        }

        private void beginWait(long nowNs) {
            if (isWaiting) {
                return;
            }
            isWaiting = true;
            waitingSinceNs = nowNs;
            if (!isTold) {
                isTold = true;
                exchange.record().paced(shares.get(waitsFor).plan().nameBytes());
            }
        }

        @Override
        protected void expired(long nowNs) {
            if (!isWaiting) {
                leave();
                return;
            }
            long waitNs = charge(0, nowNs);
            if (waitNs > 0) {
                context.wheel().arm(this, nowNs + waitNs);
                return;
            }
            endWait(nowNs);
            context.wheel().arm(this, nowNs + PaceShare.LATE_NS);
            if (isWanted) {
                apply(true);
            }
        }

        private void endWait(long nowNs) {
            isWaiting = false;
            int series = shares.get(waitsFor).plan().seriesId();
            counters().add(SeriesCounter.LIMIT_PACE_WAITS, series, 1);
            counters().add(SeriesCounter.LIMIT_PACED_MILLIS, series, (nowNs - waitingSinceNs) / MILLISECOND_NS);
        }

        private void apply(boolean wanted) {
            if (isRequest) {
                exchange.stream().demand(wanted);
            } else {
                exchange.attempts().applyDemand(wanted);
            }
        }

        private void leave() {
            for (int i = 0; i < count; i++) {
                shares.get(i).leave(context.limits().places());
            }
        }

        void stop() {
            context.wheel().disarm(this);
            if (isWaiting) {
                endWait(context.nowNs());
            }
            leave();
            count = 0;
            isWanted = false;
            isTold = false;
        }

        private WorkerCounters counters() {
            return context.meters().counters();
        }
    }
}

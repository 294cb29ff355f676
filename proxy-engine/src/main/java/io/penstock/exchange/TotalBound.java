package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Timer;

/** How long one exchange may take, by its route and by what its filters say; never longer for being said twice. */
@WorkerConfined
final class TotalBound extends Timer {
    private final Exchange exchange;
    private final ExchangeContext context;

    /** 0 for none. */
    private long endNs;

    private String why = "";

    TotalBound(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    /**
     * Ends the exchange at a reading of the clock, if it does not end before.
     *
     * @param said what to say then
     */
    void endAt(long deadlineNs, String said) {
        if (endNs == 0 || deadlineNs < endNs) {
            endNs = deadlineNs;
            why = said;
            context.wheel().arm(this, deadlineNs);
        }
    }

    /** Lets it take as long as it likes from now on. */
    void lift() {
        context.wheel().disarm(this);
        endNs = 0;
    }

    @Override
    protected void expired(long nowNs) {
        exchange.filters().hurry(nowNs);
        exchange.refuse(Reason.TOTAL_TIMEOUT, why);
    }
}

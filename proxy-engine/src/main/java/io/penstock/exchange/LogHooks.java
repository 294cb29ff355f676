package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/**
 * Tells the filters of an exchange that has ended how it went, and gives the exchange back behind that. They hear of it after
 * the turn of the loop in which it ended, so that no reply waits for what a filter makes of it.
 */
@WorkerConfined
final class LogHooks {
    private final Exchange exchange;
    private final ExchangeContext context;
    private final Runnable telling = this::tell;
    private final Runnable tellingSoon = this::tellSoon;

    LogHooks(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    /** Begins with an exchange that has let go of all but what is told of it; it may be reborn when this returns. */
    void begin() {
        if (!exchange.filters().hasLogHooks()) {
            exchange.giveBack();
        } else if (exchange.record().hasFailed(Reason.DRAINING)) {
            // The worker stops: there is no later.
            tell();
        } else {
            exchange.relay().reset();
            context.loop().afterTurn(tellingSoon);
        }
    }

    // The reply leaves with the present turn of the loop, and what is posted at its end runs in the next.
    private void tellSoon() {
        context.loop().post(telling);
    }

    private void tell() {
        exchange.filters().tellLog();
        exchange.giveBack();
    }
}

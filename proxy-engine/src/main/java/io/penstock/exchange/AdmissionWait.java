package io.penstock.exchange;

import io.penstock.exchange.admission.AdmissionGate;
import io.penstock.exchange.admission.Waiter;
import io.penstock.limit.AdmissionPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.Identity;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One exchange before, in and past admission. What it holds is given back once, whatever ends the exchange: a place in the
 * queue by {@link #leaveQueue}, a place past admission by {@link #release}.
 */
@WorkerConfined
final class AdmissionWait extends Waiter {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionWait.class);

    private final Exchange exchange;
    private final ExchangeContext context;

    private int passedCell = NO_CELL;
    private boolean isWaiting;
    private boolean hasPassed;

    /** Set from the time it waits or has passed until all is given back. */
    private @Nullable AdmissionGate gate;

    AdmissionWait(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    /** Asks to be let in. @return false if the exchange waits or has ended: return at once */
    boolean enter() {
        AdmissionPlan plan = exchange.route().admission();
        if (plan == null) {
            return true;
        }
        AdmissionGate asked = context.gates().find(plan);
        gate = asked;
        return switch (asked.enter(this, rankIn(plan))) {
            case PASSED -> true;
            case WAITS -> {
                exchange.record().admissionWaits(plan);
                yield false;
            }
            case FULL -> {
                gate = null;
                refuse(plan, Reason.ADMISSION_QUEUE_FULL);
                yield false;
            }
        };
    }

    private int rankIn(AdmissionPlan plan) {
        if (plan.ranks() == 1) {
            return 0;
        }
        Identity identity = exchange.filters().notes().identity();
        return plan.rankOf(
                exchange.request().fields(),
                identity == null ? null : identity.consumer(),
                identity == null ? List.of() : identity.groups(),
                exchange.route().name());
    }

    private void refuse(AdmissionPlan plan, Reason reason) {
        exchange.record().admissionRefused(plan, reason);
        exchange.ownAnswer().retryAfterNs(plan.retryAfterNs());
        exchange.refuse(reason, "");
    }

    // ---- from the gate ----

    @Override
    protected void passed(int cell) {
        passedCell = cell;
        hasPassed = true;
        isWaiting = false;
    }

    @Override
    protected void waits() {
        isWaiting = true;
    }

    @Override
    protected void goOn(AdmissionPlan plan) {
        try {
            exchange.record().admitted(plan);
            exchange.admitted();
        } catch (RuntimeException defect) {
            LOG.error("a defect in an exchange that had waited for admission; it ends, the worker goes on", defect);
            exchange.defect();
        }
    }

    @Override
    protected void turnedAway(AdmissionPlan plan, Reason reason) {
        isWaiting = false;
        gate = null;
        try {
            refuse(plan, reason);
        } catch (RuntimeException defect) {
            LOG.error("a defect in an exchange that was turned away; it ends, the worker goes on", defect);
            exchange.defect();
        }
    }

    // ---- the end ----

    /** The exchange waits no longer, whatever it does now. */
    void leaveQueue() {
        AdmissionGate waitedAt = gate;
        if (isWaiting && waitedAt != null) {
            isWaiting = false;
            gate = null;
            waitedAt.leave(this);
        }
    }

    /** The exchange has ended. */
    void release() {
        leaveQueue();
        AdmissionGate passedAt = gate;
        if (hasPassed && passedAt != null) {
            hasPassed = false;
            gate = null;
            int cell = passedCell;
            passedCell = NO_CELL;
            passedAt.release(cell);
        }
    }
}

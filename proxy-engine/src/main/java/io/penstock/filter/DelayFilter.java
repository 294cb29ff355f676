package io.penstock.filter;

import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.time.Duration;

/** Lets each request wait before it is answered: what makes a mock as slow as what it stands for. */
public final class DelayFilter implements PreparedFilter, Filter {
    private final long delayNs;

    /** Waits so long. */
    public DelayFilter(Duration delay) {
        this.delayNs = delay.toNanos();
    }

    @Override
    public String name() {
        return "delay";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.TRANSFORM;
    }

    @Override
    public boolean hasRequestHook() {
        return true;
    }

    @Override
    public boolean hasResponseHook() {
        return false;
    }

    // Resuming an exchange that has ended meanwhile is of no effect, so the timer needs nobody to cancel it.
    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        long ticket = call.suspend();
        FilterWorker worker = call.worker();
        worker.schedule(delayNs, () -> worker.resume(ticket, Verdict.CONTINUE));
        return Verdict.SUSPENDED;
    }

    @Override
    public Filter open(WorkerId worker) {
        return this;
    }
}

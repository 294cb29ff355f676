package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;

/** What all hooks of one binding have used up for one exchange. */
@WorkerConfined
public final class ExchangeBudget {
    private long cpuNs;
    private int subrequests;

    /** Makes one with nothing used up. */
    public ExchangeBudget() {}

    /** Adds time inside scripts. */
    public void addCpu(long ns) {
        cpuNs += ns;
    }

    /** Time inside scripts so far. */
    public long cpuNs() {
        return cpuNs;
    }

    /** Counts a request of the script's own; how many there are with it. */
    public int nextSubrequest() {
        return ++subrequests;
    }
}

package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;

/** What all hooks of one entry have used up for one exchange, and which version of two it keeps to. */
@WorkerConfined
public final class ExchangeBudget {
    /** Time in a context whose code is cold counts as one of so many parts of it. */
    static final int COLD_PARTS = 10;

    private long cpuNs;
    private int subrequests;
    private boolean hasSide;
    private boolean isCanary;

    /** Makes one with nothing used up. */
    public ExchangeBudget() {}

    /** Whether it is settled which of two versions the exchange keeps to. */
    public boolean hasSide() {
        return hasSide;
    }

    /** Settles it. */
    public void side(boolean toCanary) {
        hasSide = true;
        isCanary = toCanary;
    }

    /** Whether the exchange keeps to the canary. */
    public boolean isCanary() {
        return isCanary;
    }

    /** Adds time inside scripts. */
    public void addCpu(long ns, boolean wasCold) {
        cpuNs += counted(ns, wasCold);
    }

    /** How much of a time counts: less where the code was cold. */
    public static long counted(long ns, boolean wasCold) {
        return wasCold ? ns / COLD_PARTS : ns;
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

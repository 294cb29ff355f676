package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;

/** What all hooks of one entry have used up for one exchange, and which version of two it keeps to. */
@WorkerConfined
public final class ExchangeBudget {
    /** Time in a context whose code is cold counts as one of so many parts of it. */
    static final int COLD_PARTS = 10;

    /** So much of a body has an exchange's whole time again: else what streams long bodies would end in their midst. */
    static final int BODY_BYTES = 16 << 10;

    private long cpuNs;
    private long bodyBytes;
    private long untoldNs;
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
        untoldNs += ns;
    }

    /** How much of a time counts: less where the code was cold. */
    public static long counted(long ns, boolean wasCold) {
        return wasCold ? ns / COLD_PARTS : ns;
    }

    /** Notes that a part of a body is shown. */
    public void shown(int bytes) {
        bodyBytes += bytes;
    }

    /**
     * Whether the time inside scripts is used up.
     *
     * @param requestNs what an exchange has, and has again for each 16 KiB of body that were shown
     */
    public boolean isSpent(long requestNs) {
        return cpuNs >= requestNs * (1 + bodyBytes / BODY_BYTES);
    }

    /** Time inside scripts as it really was, of warm code or cold, since this was asked last. */
    public long takeUntoldNs() {
        long ns = untoldNs;
        untoldNs = 0;
        return ns;
    }

    /** Counts a request of the script's own; how many there are with it. */
    public int nextSubrequest() {
        return ++subrequests;
    }
}

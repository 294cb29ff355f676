package io.penstock.plugin.budget;

import io.penstock.mark.WorkerConfined;

/** So much time within each window, and what is left over is lost. */
@WorkerConfined
public final class WindowBudget {
    private final long eachNs;
    private final long windowNs;
    private long beganNs;
    private long usedNs;
    private boolean hasBegun;

    /**
     * Makes one.
     *
     * @param eachNs time to use in each window
     * @param windowNs how long a window is
     */
    public WindowBudget(long eachNs, long windowNs) {
        this.eachNs = eachNs;
        this.windowNs = windowNs;
    }

    /** What the present window has left; not positive if it is used up. A window begins with the first look after the last. */
    public long leftNs(long nowNs) {
        if (!hasBegun || nowNs - beganNs >= windowNs) {
            hasBegun = true;
            beganNs = nowNs;
            usedNs = 0;
        }
        return eachNs - usedNs;
    }

    /** Uses some of it up. */
    public void add(long ns) {
        usedNs += ns;
    }
}

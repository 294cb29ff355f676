package io.penstock.plugin.budget;

/** One version's contexts on all workers, as far as the heap is concerned. Only what watches the heap calls it. */
public interface HeapTenant {
    /** As the log calls it. */
    String name();

    /** About how much its present contexts have allocated since they were made, in bytes. */
    long allocatedBytes();

    /**
     * Has its contexts made anew, with nothing of what the present ones keep. Returns at once.
     *
     * @param why for people
     */
    void renew(String why);

    /** Has the contexts that were there at {@link #renew} closed now, whether or not new ones are ready. Returns at once. */
    void hurry();

    /** Whether the contexts that were there at {@link #renew} are closed. */
    boolean isRenewed();

    /** Making it anew has freed much of the heap: it was the leak. */
    void leaked(long freedBytes);
}

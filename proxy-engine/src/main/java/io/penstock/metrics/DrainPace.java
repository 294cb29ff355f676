package io.penstock.metrics;

/**
 * How long the access log's thread sleeps between two passes. One thread.
 *
 * <p>A worker never signals, so the sleep is also how long a record may wait for its file. Each wake-up costs a switch of threads and,
 * where there is no core to spare, the worker's warm caches: long sleeps are cheap ones. They are cut short only where a ring
 * was found filling up.
 */
final class DrainPace {
    /**
     * While requests come. Against 2 ms it saves half of the wake-ups. Longer sleeps save little more, and would take a shared core
     * from its worker for longer at a time: 5 ms at 25 000 requests a second are 0.2 ms of work.
     */
    static final long BUSY_NS = 5_000_000;

    /** After some passes that found nothing: 50 wake-ups a second when idle. */
    static final long IDLE_NS = 20_000_000;

    /** However full a ring was. */
    static final long SHORTEST_NS = 500_000;

    private final int slots;
    private long sleepNs = BUSY_NS;

    /** @param slots what each ring holds */
    DrainPace(int slots) {
        this.slots = slots;
    }

    /**
     * The sleep after a pass: half as long as the one before it if that let a ring fill by a quarter, so that the next finds room
     * for more than twice what came.
     *
     * @param waitingMax records that the pass found in the fullest ring
     */
    long sleepNs(long waitingMax) {
        if (waitingMax == 0) {
            sleepNs = Math.min(sleepNs * 2, IDLE_NS);
        } else if (waitingMax > slots / 4) {
            sleepNs = Math.max(Math.min(sleepNs, BUSY_NS) / 2, SHORTEST_NS);
        } else if (waitingMax < slots / 16) {
            sleepNs = Math.min(sleepNs * 2, BUSY_NS);
        } else {
            sleepNs = Math.min(sleepNs, BUSY_NS);
        }
        return sleepNs;
    }
}

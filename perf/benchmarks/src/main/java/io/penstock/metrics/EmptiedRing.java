package io.penstock.metrics;

/** An access log whose records nobody reads: its ring is emptied at no cost, as by a thread on another core. */
public final class EmptiedRing {
    private final AccessRing ring;
    private final AccessPublisher publisher;

    public EmptiedRing(AccessLogBounds bounds, WorkerCounters counters) {
        ring = new AccessRing(bounds);
        publisher = new AccessPublisher(ring, bounds.textBytes(), counters);
    }

    /** The worker's end. */
    public AccessPublisher publisher() {
        return publisher;
    }

    /** Makes room for as many records as the ring holds. */
    public void empty() {
        ring.giveBack(ring.first() + ring.waiting() - 1);
    }
}

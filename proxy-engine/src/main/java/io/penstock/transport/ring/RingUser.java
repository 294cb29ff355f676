package io.penstock.transport.ring;

/**
 * Somebody with operations under way. Completions name it by its place, which is its own until the last of them has come: else one
 * that comes late would be taken for its successor's.
 */
abstract class RingUser {
    private final RingHandler handler;
    private int place;
    private int underWay;
    private long queuedAt = -1;
    private boolean isClosed;

    RingUser(RingHandler handler) {
        this.handler = handler;
    }

    final RingHandler handler() {
        return handler;
    }

    final boolean isClosed() {
        return isClosed;
    }

    /** What to give to the ring with an operation, so that its completion comes here. */
    final long userData(int operation) {
        return RingHandler.userData(place, operation);
    }

    /** An operation is queued. */
    final void began() {
        if (place == 0) {
            place = handler.place(this);
        }
        queuedAt = handler.ring().entries();
        underWay++;
    }

    /** An operation is over: nothing more comes of it. */
    final void ended() {
        underWay--;
        leaveIfIdle();
    }

    /**
     * Begins nothing any more; to be called before its descriptor is closed. What is queued goes to the kernel now: later the
     * descriptor's number may be somebody else's.
     */
    final void leave() {
        isClosed = true;
        if (underWay > 0
                && queuedAt == handler.ring().entries()
                && handler.ring().hasQueued()) {
            handler.ring().enter(0, 0);
        }
        leaveIfIdle();
    }

    private void leaveIfIdle() {
        if (isClosed && underWay == 0 && place != 0) {
            handler.freePlace(place);
            place = 0;
        }
    }

    /** What became of an operation. */
    abstract void completed(int operation, int result, int flags);
}

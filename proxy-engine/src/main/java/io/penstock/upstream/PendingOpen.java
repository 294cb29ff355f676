package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;

/** A stream that was asked for and may not be there yet. */
@WorkerConfined
public interface PendingOpen {
    /** Whether the handler has heard neither {@code streamOpened} nor {@code streamFailed} yet. */
    boolean isPending();

    /** Gives up waiting: the handler hears nothing more of it. Of no effect if it is not pending. */
    void cancel();
}

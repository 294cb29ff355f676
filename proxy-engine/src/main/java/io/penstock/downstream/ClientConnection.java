package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/** One accepted connection of a listener, whatever is spoken on it: what its slot can do with it. */
@WorkerConfined
abstract class ClientConnection {
    // The list of its listener's connections.
    @Nullable
    ClientConnection previous;

    @Nullable
    ClientConnection next;

    /** The listener or the worker drains: the connection ends as soon as nothing is under way on it. */
    abstract void drainConnection();

    /** The worker stops: nothing is waited for any more. */
    abstract void cut();
}

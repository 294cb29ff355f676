package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What a loop keeps of each of its channels, and asks of them, whatever they are made of. */
@WorkerConfined
abstract class LoopChannel implements Channel {
    /** Set while this channel waits in the loop's list of channels with something to tell. */
    boolean isDeferred;

    @Nullable
    LoopChannel previousOpen;

    @Nullable
    LoopChannel nextOpen;

    /** Serves a connection just accepted. */
    abstract void adopt(Acceptor acceptor);

    /** Begins to connect; the handler hears how it went, but not within this call. */
    abstract void connect(SocketAddress remote, long timeoutNs);

    /** Gives the turn's output to the kernel. */
    abstract void flush();

    /** Tells the handler what could not be told at once; called by the loop, outside of every handler. */
    abstract void tellDeferred();
}

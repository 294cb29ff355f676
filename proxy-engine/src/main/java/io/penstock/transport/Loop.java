package io.penstock.transport;

import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicBounds;
import io.penstock.transport.quic.QuicService;
import java.net.SocketAddress;

/**
 * One event loop on one thread, and the channels it owns.
 *
 * <p>{@link #post} may be called by any thread; everything else only on the loop itself, where it is not said otherwise.
 */
@SharedByWorkers
public interface Loop extends AutoCloseable {
    /** Which system interface it runs on: {@code io_uring}, {@code epoll} or {@code nio}. Any thread. */
    String transport();

    /** Whether the calling thread is this loop's. Any thread. */
    boolean isInLoop();

    /** Runs a task on this loop soon. Any thread; never blocks. Tasks of one thread keep their order. */
    void post(Runnable task);

    /** Runs a task at the end of the present turn, after its events and before its output leaves. */
    void afterTurn(Runnable task);

    /** The monotonic clock, read once per turn of the loop, in nanoseconds. */
    long nowNs();

    /** This loop's timers. */
    TimerWheel wheel();

    /**
     * Opens a connection. The handler hears {@code opened}, or {@code closed} with the cause; never inside this call.
     *
     * @param remote an IP or unix address, already resolved
     * @param timeoutNs how long it may take
     * @return the channel, which may be aborted before it is open
     */
    Channel connect(SocketAddress remote, long timeoutNs, ChannelHandler handler);

    /** Begins to listen on and accept from a socket bound earlier; each connection's handler is asked of {@code acceptor}. */
    Acceptance accept(BoundSocket socket, Acceptor acceptor);

    /**
     * Begins to answer with QUIC what comes to a socket; each connection's handler is asked of {@code acceptor}.
     *
     * @throws BindRefused if it was to be bound only now, beside sockets of another process, and cannot be
     */
    QuicService serve(DatagramSocket socket, QuicBounds bounds, QuicAcceptor acceptor) throws BindRefused;

    /** Stops the loop: closes its channels and ends its thread. Any thread; waits until the thread has ended. */
    @Override
    void close();
}

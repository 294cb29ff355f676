package io.penstock.engine;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes sockets whose time is over, from outside: a read's own timeout begins anew with each byte, and a handshake and a write have
 * none. Any thread may ask.
 */
final class SocketDeadlines implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketDeadlines.class);

    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("penstock-health-deadlines").factory());

    SocketDeadlines() {
        clock.setRemoveOnCancelPolicy(true);
    }

    /** A deadline until it is closed. */
    interface Armed extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Closes a socket after some time: who waits for it then hears that it is closed.
     *
     * @throws RejectedExecutionException if this is closed
     */
    Armed arm(Socket socket, Duration after) {
        Future<?> due = clock.schedule(() -> cut(socket), after.toNanos(), TimeUnit.NANOSECONDS);
        return () -> due.cancel(false);
    }

    private static void cut(Socket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            LOG.debug("a socket whose time is over could not be closed", failed);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}

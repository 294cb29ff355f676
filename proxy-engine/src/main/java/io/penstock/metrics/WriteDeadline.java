package io.penstock.metrics;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a connection whose writer waits too long: a socket's write waits for ever for a peer that takes connections and reads
 * nothing.
 *
 * <p>Each single write has the whole time, so that a slow peer is not taken for a deaf one. One thread writes, one of its own looks
 * at the clock, once a second while a write is under way. Whoever made it closes it.
 */
final class WriteDeadline implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(WriteDeadline.class);
    private static final long LOOK_MS = 1_000;

    private final long waitNsMax;
    private final LongSupplier nanoClock;
    private final Thread thread;

    // All below are guarded by this.
    private @Nullable Socket writing;
    private long sinceNs;
    private long cuts;
    private boolean isCut;
    private boolean isClosed;

    WriteDeadline(String threadName, long waitNsMax, LongSupplier nanoClock) {
        this.waitNsMax = waitNsMax;
        this.nanoClock = nanoClock;
        this.thread = Thread.ofPlatform().name(threadName).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The stream with the deadline on each write; {@code connection} is what is closed, below TLS if there is any. */
    OutputStream over(Socket connection, OutputStream out) {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                begin(connection);
                try {
                    out.write(bytes, offset, length);
                } finally {
                    end();
                }
            }

            @Override
            public void flush() throws IOException {
                begin(connection);
                try {
                    out.flush();
                } finally {
                    end();
                }
            }
        };
    }

    private synchronized void begin(Socket connection) {
        writing = connection;
        sinceNs = nanoClock.getAsLong();
        notifyAll();
    }

    private synchronized void end() {
        writing = null;
    }

    /** Whether a connection was cut since this was asked last. */
    synchronized boolean takeCut() {
        boolean wasCut = isCut;
        isCut = false;
        return wasCut;
    }

    /** How many connections were cut. */
    synchronized long cuts() {
        return cuts;
    }

    private void run() {
        try {
            for (Socket late = awaitLate(); late != null; late = awaitLate()) {
                close(late);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    // The next connection that is over its time; null once this is closed.
    private synchronized @Nullable Socket awaitLate() throws InterruptedException {
        while (!isClosed) {
            Socket now = writing;
            if (now == null) {
                wait();
            } else if (nanoClock.getAsLong() - sinceNs >= waitNsMax) {
                writing = null;
                isCut = true;
                cuts++;
                return now;
            } else {
                wait(LOOK_MS);
            }
        }
        return null;
    }

    private static void close(Socket late) {
        try {
            late.close();
        } catch (IOException closed) {
            LOGGER.debug("a connection could not be closed", closed);
        }
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        notifyAll();
    }
}

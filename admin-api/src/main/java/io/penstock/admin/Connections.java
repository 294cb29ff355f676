package io.penstock.admin;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every connection that a server accepted, and how long it may stay as it is: silent before a request, within a head,
 * within a body, within a call, within what nobody takes of an answer. The library reads from channels, which know no read timeout; it does hand every accepted
 * channel to its socket options, and closing a channel ends whoever waits on it.
 *
 * <p>Any thread; one thread of its own looks once in a while.
 */
final class Connections implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    /** What is on its way when a connection closes has this long to get there. */
    private static final Duration LINGER = Duration.ofMillis(100);

    /** An event stream lives an hour at most, and any other call less. */
    private static final Duration CALL_MAX = Duration.ofMinutes(65);

    private final Duration headTimeout;
    private final Duration idleTimeout;
    private final Map<SocketAddress, Connection> open = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closing;

    Connections(String name, Duration headTimeout, Duration idleTimeout) {
        this.headTimeout = headTimeout;
        this.idleTimeout = idleTimeout;
        this.thread = Thread.ofVirtual().name(name + "-connections").start(this::watch);
    }

    /** A request's head is complete; its phases are bounded from here. */
    void began(SocketAddress peer) {
        Connection connection = open.get(peer);
        if (connection != null) {
            connection.began();
        }
    }

    /** A request's body must be complete in this time. */
    void readsBody(SocketAddress peer, Duration within) {
        Connection connection = open.get(peer);
        if (connection != null) {
            connection.bodyDeadlineNs = Optional.of(System.nanoTime() + within.toNanos());
        }
    }

    /** A request's body is complete. */
    void hasBody(SocketAddress peer) {
        Connection connection = open.get(peer);
        if (connection != null) {
            connection.bodyDeadlineNs = Optional.empty();
        }
    }

    /** What {@code writer} writes to this caller must be taken in this time. */
    void writes(SocketAddress peer, Object writer, Duration within) {
        Connection connection = open.get(peer);
        if (connection != null) {
            connection.writeDeadlinesNs.put(writer, System.nanoTime() + within.toNanos());
        }
    }

    /** It was taken. */
    void wrote(SocketAddress peer, Object writer) {
        Connection connection = open.get(peer);
        if (connection != null) {
            connection.writeDeadlinesNs.remove(writer);
        }
    }

    /** Ends a connection at once, so that its other side sees that something is missing. With HTTP/2 all its streams end. */
    void cut(SocketAddress peer) {
        Connection connection = open.get(peer);
        if (connection != null) {
            connection.reset();
        }
    }

    /**
     * A request was answered.
     *
     * @param isLast whether the answer said that the connection closes; the library says so and then waits for the other
     *     side, which waits for us
     */
    void ended(SocketAddress peer, boolean isLast) {
        Connection connection = open.get(peer);
        if (connection != null) {
            connection.ended(System.nanoTime() + (isLast ? LINGER : idleTimeout).toNanos());
        }
    }

    /** Options that bring every accepted channel here. */
    SocketOptions watching(SocketOptions options) {
        return new Watching(options);
    }

    private void accepted(SocketChannel channel) {
        try {
            SocketAddress peer = channel.getRemoteAddress();
            if (peer != null) {
                open.put(peer, new Connection(channel, System.nanoTime() + headTimeout.toNanos()));
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private void watch() {
        while (!closing) {
            long nowNs = System.nanoTime();
            open.forEach((peer, connection) -> {
                if (!connection.channel.isOpen() || connection.endIfDue(nowNs)) {
                    // Only this very connection: its port may be another's already.
                    open.remove(peer, connection);
                }
            });
            try {
                TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
            } catch (InterruptedException stopping) {
                return;
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
    }

    /** One connection. Its fields are guarded by itself; HTTP/2 has several requests at once. */
    private static final class Connection {
        private final SocketChannel channel;
        private int requests;
        private long deadlineNs;
        private volatile Optional<Long> bodyDeadlineNs = Optional.empty();
        private final Map<Object, Long> writeDeadlinesNs = new ConcurrentHashMap<>();

        Connection(SocketChannel channel, long deadlineNs) {
            this.channel = channel;
            this.deadlineNs = deadlineNs;
        }

        synchronized void began() {
            requests++;
            deadlineNs = System.nanoTime() + CALL_MAX.toNanos();
        }

        synchronized void ended(long nextDeadlineNs) {
            requests = Math.max(0, requests - 1);
            bodyDeadlineNs = Optional.empty();
            if (requests == 0) {
                deadlineNs = nextDeadlineNs;
            }
        }

        synchronized boolean endIfDue(long nowNs) {
            Optional<Long> body = bodyDeadlineNs;
            if (writeDeadlinesNs.values().stream().anyMatch(due -> nowNs - due > 0)) {
                reset();
                return true;
            }
            if (nowNs - deadlineNs <= 0 && (body.isEmpty() || nowNs - body.get() <= 0)) {
                return false;
            }
            close();
            return true;
        }

        // What is on its way is thrown away, and the other side told by a reset: an end in order is how a body without
        // a length ends.
        void reset() {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException | IllegalArgumentException | UnsupportedOperationException closed) {
                LOG.debug("A connection is closed without a reset", closed);
            }
            close();
        }

        private void close() {
            try {
                channel.close();
            } catch (IOException alreadyBroken) {
                LOG.debug("A connection beyond its time did not close in order", alreadyBroken);
            }
        }
    }

    /** The options as they are, and a look at every accepted channel. */
    private final class Watching implements SocketOptions {
        private final SocketOptions options;

        Watching(SocketOptions options) {
            this.options = options;
        }

        @Override
        public void configureSocket(SocketChannel channel) {
            options.configureSocket(channel);
            accepted(channel);
        }

        @Override
        public Map<SocketOption<?>, Object> socketOptions() {
            return options.socketOptions();
        }

        @Override
        public Duration connectTimeout() {
            return options.connectTimeout();
        }

        @Override
        public Duration readTimeout() {
            return options.readTimeout();
        }

        @Override
        public Optional<Integer> socketReceiveBufferSize() {
            return options.socketReceiveBufferSize();
        }

        @Override
        public Optional<Integer> socketSendBufferSize() {
            return options.socketSendBufferSize();
        }

        @Override
        public boolean socketReuseAddress() {
            return options.socketReuseAddress();
        }

        @Override
        public boolean socketKeepAlive() {
            return options.socketKeepAlive();
        }

        @Override
        public boolean tcpNoDelay() {
            return options.tcpNoDelay();
        }
    }
}

package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Timer;
import io.penstock.transport.TimerWheel;

/**
 * How long a client may take for each thing. Two timers serve all phases: one for what the client has to send, one for
 * what it has to take.
 *
 * <p>On a busy keep-alive connection nothing here costs more than writing a deadline: the read timer is left running
 * through a request that arrives whole, is ignored by the connection where nothing is awaited, and only moves later.
 */
@WorkerConfined
final class ConnectionTimers {
    /** How long a closing connection goes on reading once its output has left, so that the peer sees it and no reset. */
    private static final long LINGER_NS = 2_000_000_000L;

    /** How long the rest of a request body may take that is only read to be dropped. */
    private static final long DRAIN_NS = 5_000_000_000L;

    /** How long a connection just accepted may take to send its request once its listener drains. */
    private static final long ONLY_REQUEST_NS = 1_000_000_000L;

    private final Http1Connection connection;
    private final TimerWheel wheel;
    private final ReadTimer read = new ReadTimer();
    private final WriteTimer write;

    ConnectionTimers(Http1Connection connection, TimerWheel wheel) {
        this.connection = connection;
        this.wheel = wheel;
        this.write = new WriteTimer(connection, wheel);
    }

    void awaitFirstRequest(long nowNs, ListenerRuntime listener) {
        read.isHeadTimed = true;
        wheel.arm(read, nowNs + listener.firstRequestTimeoutNs());
    }

    /** The connection drains and has had no request: one that is on its way will be here soon. */
    void awaitOnlyRequest(long nowNs) {
        awaitLastRequest(nowNs, ONLY_REQUEST_NS);
    }

    /** The connection drains and has had requests: closed at once, it would lose one that crosses the close. */
    void awaitLastRequest(long nowNs, long atMostNs) {
        read.isHeadTimed = false;
        wheel.arm(read, nowNs + atMostNs);
    }

    void awaitNextRequest(long nowNs, ListenerRuntime listener) {
        read.isHeadTimed = false;
        wheel.arm(read, nowNs + listener.keepAliveTimeoutNs());
    }

    /** The bytes so far are no whole head. The time of the first request counts from accept and is not prolonged. */
    void headIncomplete(long nowNs, ListenerRuntime listener) {
        if (!read.isHeadTimed) {
            read.isHeadTimed = true;
            wheel.arm(read, nowNs + listener.headTimeoutNs());
        }
    }

    void headComplete() {
        read.isHeadTimed = false;
    }

    void bodyWanted(boolean wanted, long nowNs, ListenerRuntime listener) {
        if (wanted) {
            wheel.arm(read, nowNs + listener.bodyProgressTimeoutNs());
        } else {
            wheel.disarm(read);
        }
    }

    void bodyProgress(long nowNs, ListenerRuntime listener) {
        wheel.arm(read, nowNs + listener.bodyProgressTimeoutNs());
    }

    void bodyComplete() {
        wheel.disarm(read);
    }

    /** A tunnel's idle time is watched where its endpoint is. */
    void tunnelBegins() {
        wheel.disarm(read);
    }

    void drainBegins(long nowNs) {
        wheel.arm(read, nowNs + DRAIN_NS);
    }

    void lingerBegins(long nowNs, ListenerRuntime listener) {
        wheel.arm(read, nowNs + LINGER_NS);
        writeBlocked(nowNs, listener);
    }

    /** Output that is left must leave in time, or the connection is cut. */
    void closeBegins(long nowNs, ListenerRuntime listener) {
        wheel.disarm(read);
        writeBlocked(nowNs, listener);
    }

    void writeBlocked(long nowNs, ListenerRuntime listener) {
        write.begin(nowNs, listener.writeProgressTimeoutNs());
    }

    void writeProgress() {
        write.end();
    }

    void stop() {
        wheel.disarm(read);
        write.end();
    }

    private final class ReadTimer extends Timer {
        private boolean isHeadTimed;

        @Override
        protected void expired(long nowNs) {
            connection.readTimeout();
        }
    }
}

package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Timer;
import io.penstock.transport.TimerWheel;

/**
 * How long the client of an HTTP/2 connection may take for what concerns all of it; what concerns one stream is timed there.
 * As in {@link ConnectionTimers} the read timer is left running through requests and ignored where nothing is awaited.
 */
@WorkerConfined
final class Http2Timers {
    private static final long LINGER_NS = 2_000_000_000L;

    /** How long a client may take to hear that the connection ends, before streams that it begins are not served. */
    private static final long GOODBYE_NS = 1_000_000_000L;

    private final Http2Connection connection;
    private final TimerWheel wheel;
    private final ReadTimer read = new ReadTimer();
    private final WriteTimer write;
    private final GoodbyeTimer goodbye = new GoodbyeTimer();

    Http2Timers(Http2Connection connection, TimerWheel wheel) {
        this.connection = connection;
        this.wheel = wheel;
        this.write = new WriteTimer(connection, wheel);
    }

    void awaitFirstRequest(long nowNs, ListenerRuntime listener) {
        read.isHeadTimed = true;
        wheel.arm(read, nowNs + listener.firstRequestTimeoutNs());
    }

    /** A head has begun and is not whole. The time of the first request counts from the preface and is not prolonged. */
    void headIncomplete(long nowNs, ListenerRuntime listener) {
        if (!read.isHeadTimed) {
            read.isHeadTimed = true;
            wheel.arm(read, nowNs + listener.headTimeoutNs());
        }
    }

    void headComplete() {
        read.isHeadTimed = false;
    }

    /** No stream is open. */
    void awaitNextRequest(long nowNs, ListenerRuntime listener) {
        read.isHeadTimed = false;
        wheel.arm(read, nowNs + listener.keepAliveTimeoutNs());
    }

    void lingerBegins(long nowNs, ListenerRuntime listener) {
        wheel.disarm(goodbye);
        wheel.arm(read, nowNs + LINGER_NS);
        writeBlocked(nowNs, listener);
    }

    void goodbyeBegins(long nowNs) {
        wheel.arm(goodbye, nowNs + GOODBYE_NS);
    }

    void goodbyeHeard() {
        wheel.disarm(goodbye);
    }

    /** Output that piles up must be taken in time. */
    void writeBlocked(long nowNs, ListenerRuntime listener) {
        write.begin(nowNs, listener.writeProgressTimeoutNs());
    }

    void writeProgress() {
        write.end();
    }

    void stop() {
        wheel.disarm(read);
        write.end();
        wheel.disarm(goodbye);
    }

    private final class ReadTimer extends Timer {
        private boolean isHeadTimed;

        @Override
        protected void expired(long nowNs) {
            connection.readTimeout(isHeadTimed);
        }
    }

    private final class GoodbyeTimer extends Timer {
        @Override
        protected void expired(long nowNs) {
            connection.goodbyeHeard();
        }
    }
}

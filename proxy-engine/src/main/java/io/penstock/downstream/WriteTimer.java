package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Timer;
import io.penstock.transport.TimerWheel;

/** How long a client may take nothing of output that piles up. One that takes little at a time is slow, and is not cut off. */
@WorkerConfined
final class WriteTimer extends Timer {
    /** Whose output it is. */
    interface Output {
        /** Bytes that the client has not taken. */
        int pendingBytes();

        /** It took none of them in time. */
        void writeTimeout();
    }

    private final Output output;
    private final TimerWheel wheel;
    private long timeoutNs;
    private int pendingBefore;

    WriteTimer(Output output, TimerWheel wheel) {
        this.output = output;
        this.wheel = wheel;
    }

    /** Output may have piled up, or more of it than before. */
    void begin(long nowNs, long allowedNs) {
        int pending = output.pendingBytes();
        if (isArmed()) {
            // What comes on top must not hide what was taken.
            pendingBefore = Math.max(pendingBefore, pending);
        } else if (pending > 0) {
            timeoutNs = allowedNs;
            pendingBefore = pending;
            wheel.arm(this, nowNs + allowedNs);
        }
    }

    /** All of it was taken, or is of no interest any more. */
    void end() {
        wheel.disarm(this);
    }

    @Override
    protected void expired(long nowNs) {
        int pending = output.pendingBytes();
        if (pending < pendingBefore) {
            pendingBefore = pending;
            wheel.arm(this, nowNs + timeoutNs);
            return;
        }
        output.writeTimeout();
    }
}

package io.penstock.transport;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What timeouts cost a request: each is armed, moved on by what comes, and disarmed, beside those of other connections. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimerWheelBenchmark {
    private static final long SECOND_NS = 1_000_000_000;
    private static final long TURN_NS = 20_000;

    /** Connections whose keep-alive timeouts are armed. */
    @Param({"64", "10000"})
    public int connections = 64;

    private final TimerWheel wheel = new TimerWheel(0);
    private final Timeout timeout = new Timeout();
    private Timeout[] others = new Timeout[0];
    private long nowNs;
    private int next;

    private static final class Timeout extends Timer {
        private long firedNs;

        @Override
        protected void expired(long nowNs) {
            firedNs = nowNs;
        }
    }

    /** Arms what hangs in the wheel anyway. */
    @Setup
    public void arm() {
        others = new Timeout[connections];
        for (int i = 0; i < connections; i++) {
            others[i] = new Timeout();
            wheel.arm(others[i], 60 * SECOND_NS + i * TURN_NS);
        }
    }

    /** A timeout of a request that ends in time. */
    @Benchmark
    public boolean armAndDisarm() {
        nowNs += TURN_NS;
        wheel.arm(timeout, nowNs + 30 * SECOND_NS);
        wheel.disarm(timeout);
        return timeout.isArmed();
    }

    /** The timeout of a connection moved on, as each of its requests does; the wheel turns with the clock. */
    @Benchmark
    public long moveOn() {
        nowNs += TURN_NS;
        next = next + 1 == connections ? 0 : next + 1;
        wheel.arm(others[next], nowNs + 60 * SECOND_NS);
        return wheel.advance(nowNs) + timeout.firedNs;
    }
}

package io.penstock.upstream;

import io.penstock.config.HostHeader;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.spi.RequestCopy;
import io.penstock.transport.Loop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies of requests that one worker sends to other services, on the connections of their upstreams. Bounded in number and in
 * bytes; what does not fit is dropped and counted, and the requests that they are made from never know.
 */
@WorkerConfined
public final class Mirrors {
    /** Copies of one worker under way, those being made included. */
    static final int IN_FLIGHT_MAX = 512;

    /** Bytes of heads and bodies that one worker keeps for them together. */
    static final int BYTES_MAX = 16 << 20;

    private final Loop loop;
    private final WorkerCounters counters;
    private final Set<MirrorRequest> inFlight = new LinkedHashSet<>();
    private int bytes;
    private boolean isStopped;

    /** Copies of the worker that {@code loop} belongs to. */
    public Mirrors(Loop loop, WorkerCounters counters) {
        this.loop = loop;
        this.counters = counters;
    }

    /**
     * Begins a copy of a request as its head is now; null if there is no room for another.
     *
     * @param bodyBytesMax the longest body
     * @param timeoutNs until its answer is complete, from when it is sent
     */
    public @Nullable RequestCopy begin(
            RequestHead head, Upstream to, HostHeader host, int bodyBytesMax, long timeoutNs) {
        int size = head.size();
        if (isStopped || inFlight.size() >= IN_FLIGHT_MAX || !tryTake(size)) {
            counters.add(Counter.MIRRORS_DROPPED_BUSY);
            return null;
        }
        MirrorRequest copy = new MirrorRequest(this, head, size, to, host, bodyBytesMax, timeoutNs);
        inFlight.add(copy);
        return copy;
    }

    /** A copy was asked for whose service is not there. */
    public void unknown() {
        counters.add(Counter.MIRRORS_DROPPED_UNKNOWN);
    }

    /** A copy was asked for whose body is known to be too long. */
    public void tooLong() {
        counters.add(Counter.MIRRORS_DROPPED_BODY);
    }

    /** Takes memory for a copy. @return false if there is none left */
    boolean tryTake(int count) {
        if (count > BYTES_MAX - bytes) {
            return false;
        }
        bytes += count;
        return true;
    }

    void ended(MirrorRequest copy, int count) {
        if (inFlight.remove(copy)) {
            bytes -= count;
        }
    }

    Loop loop() {
        return loop;
    }

    void count(Counter counter) {
        counters.add(counter);
    }

    /** Copies under way. */
    public int inFlight() {
        return inFlight.size();
    }

    /** Bytes kept for them. */
    public int bytes() {
        return bytes;
    }

    /** Gives up all that are under way; there are none from now on. */
    public void stop() {
        isStopped = true;
        List.copyOf(inFlight).forEach(MirrorRequest::drop);
    }
}

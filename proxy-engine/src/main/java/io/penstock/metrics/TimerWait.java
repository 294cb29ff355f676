package io.penstock.metrics;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.util.concurrent.locks.LockSupport;

/**
 * How the access log's thread waits for records: it parks on a timer and looks again. A publisher therefore never signals,
 * which would cost it a lock or a system call for each record.
 */
final class TimerWait implements WaitStrategy {
    /** The shortest sleep, after a pass that found something. */
    static final long PARK_NS = 2_000_000;

    /** The longest sleep, after several passes that found nothing: 250 wake-ups a second when idle. */
    static final long PARK_NS_MAX = 4_000_000;

    @Override
    public long waitFor(long wanted, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException {
        long available = dependent.get();
        while (available < wanted) {
            barrier.checkAlert();
            LockSupport.parkNanos(this, PARK_NS);
            available = dependent.get();
        }
        return available;
    }

    @Override
    public void signalAllWhenBlocking() {
        // Nobody blocks on a condition: the consumer's sleep ends by itself.
    }
}

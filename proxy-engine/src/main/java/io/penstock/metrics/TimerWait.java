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
    @Override
    public long waitFor(long wanted, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException {
        long available = dependent.get();
        while (available < wanted) {
            barrier.checkAlert();
            LockSupport.parkNanos(this, DrainPace.BUSY_NS);
            available = dependent.get();
        }
        return available;
    }

    @Override
    public void signalAllWhenBlocking() {
        // Nobody blocks on a condition: the consumer's sleep ends by itself.
    }
}

package io.penstock.transport.ring;

import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.penstock.mark.SharedByWorkers;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that other threads write to when the loop that sleeps has something to do: eventfd(2). Once the loop is told, nobody
 * tells it again until it has heard.
 */
@SharedByWorkers
final class WakeUp {
    private static final Logger LOG = LoggerFactory.getLogger(WakeUp.class);

    private static final int CLOSED = 1 << 30;

    private final FileDescriptor file = Native.newEventFd();
    private final AtomicBoolean isTold = new AtomicBoolean();

    /** How many threads write now, and whether none may any more. */
    private final AtomicInteger writers = new AtomicInteger();

    int descriptor() {
        return file.intValue();
    }

    /** Any thread. */
    void tell() {
        if (!isTold.getAndSet(true)) {
            // The file must not be closed, and its number given away, while somebody writes to it.
            if (writers.getAndIncrement() < CLOSED) {
                Native.eventFdWrite(file.intValue(), 1);
            }
            writers.getAndDecrement();
        }
    }

    /** The loop has heard: what it looks at from here on, it sees as it is. */
    void heard() {
        isTold.set(false);
    }

    boolean isClosed() {
        return writers.get() >= CLOSED;
    }

    /** The loop looks at nothing any more. Waits for those who write, which is one call of the system each. */
    void close() {
        writers.getAndUpdate(count -> count | CLOSED);
        while (writers.get() != CLOSED) {
            Thread.onSpinWait();
        }
        try {
            file.close();
        } catch (IOException e) {
            LOG.debug("the file that wakes a loop could not be closed in order", e);
        }
    }
}

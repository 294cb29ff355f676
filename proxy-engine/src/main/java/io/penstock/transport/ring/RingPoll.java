package io.penstock.transport.ring;

import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.penstock.mark.WorkerConfined;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a descriptor for what epoll would tell of it, by the ring's poll operation. As with epoll, what is wanted is told again
 * and again while it lasts; with {@code EPOLLONESHOT} once, until it is asked for anew.
 */
@WorkerConfined
final class RingPoll extends RingUser implements IoRegistration, EpollIoEvent {
    private static final Logger LOG = LoggerFactory.getLogger(RingPoll.class);

    /** EPOLLONESHOT, for which Netty has no name. */
    static final int ONCE = 1 << 30;

    private final EpollIoHandle handle;
    private int wanted;
    private int asked;
    private boolean isAsking;
    private EpollIoOps told = EpollIoOps.NONE;

    RingPoll(RingHandler handler, EpollIoHandle handle) {
        super(handler);
        this.handle = handle;
    }

    @Override
    public long submit(IoOps operations) {
        if (isClosed()) {
            return -1;
        }
        wanted = ((EpollIoOps) operations).value();
        if (!isAsking) {
            ask();
        } else if (asked != (wanted & ~ONCE)) {
            // Asks anew when the old question is off the table.
            handler().queueCancel(userData(RingHandler.POLL));
        }
        return wanted;
    }

    private void ask() {
        if (wanted != 0) {
            asked = wanted & ~ONCE;
            isAsking = true;
            began();
            handler().queuePoll(handle.fd().intValue(), asked, userData(RingHandler.POLL));
        }
    }

    @Override
    void completed(int operation, int result, int flags) {
        isAsking = false;
        try {
            if (!isClosed()) {
                tell(result);
            }
        } finally {
            if (!isClosed() && !isAsking) {
                ask();
            }
            ended();
        }
    }

    private void tell(int result) {
        if (result > 0 && asked == (wanted & ~ONCE)) {
            if ((wanted & ONCE) != 0) {
                wanted = 0;
            }
            told = EpollIoOps.valueOf(result);
            handle.handle(this, this);
        } else if (result < 0 && result != -RingCalls.ECANCELED) {
            LOG.error("descriptor {} cannot be watched, error {}", handle.fd(), -result);
            wanted = 0;
        }
    }

    @Override
    public EpollIoOps ops() {
        return told;
    }

    @Override
    public boolean isValid() {
        return !isClosed();
    }

    @Override
    public boolean cancel() {
        if (isClosed()) {
            return false;
        }
        if (isAsking) {
            handler().queueCancel(userData(RingHandler.POLL));
        }
        leave();
        handler().forget(this);
        handle.unregistered();
        return true;
    }

    /** The loop ends. */
    void close() {
        try {
            handle.close();
        } catch (Exception e) {
            LOG.debug("{} could not be closed in order", handle, e);
        }
        cancel();
    }

    // The signature is Netty's.
    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals")
    public <T> T attachment() {
        throw new UnsupportedOperationException("a ring lends nothing");
    }
}

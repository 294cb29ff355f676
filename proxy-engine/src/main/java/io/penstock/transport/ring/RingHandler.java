package io.penstock.transport.ring;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The input and output of a Netty loop over an io_uring. Sockets of connections receive and send by its operations
 * ({@link RingSocket}); whatever Netty has for epoll, such as its server sockets, is watched by it as epoll would.
 *
 * <p>All of a turn's operations go to the kernel by one call, which also waits for the next. Used by the loop's thread, but for
 * {@link #wakeup()}.
 */
public final class RingHandler implements IoHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RingHandler.class);

    static final int RECEIVE = 1;
    static final int SEND = 2;
    static final int POLL = 3;
    private static final int WAKE = 4;
    private static final int OPERATION_BITS = 3;

    // Flags of a completion.
    static final int BUFFER = 1;
    static final int MORE = 1 << 1;
    static final int BUFFER_SHIFT = 16;

    private static final int OP_POLL = 6;
    private static final int OP_CANCEL = 14;
    private static final int OP_READ = 22;
    private static final int OP_SEND = 26;
    private static final int OP_RECEIVE = 27;

    private static final int SELECT_BUFFER = 1 << 5;
    private static final int NO_COMPLETION_OF_SUCCESS = 1 << 6;
    private static final int RECEIVE_GOES_ON = 1 << 1;
    private static final int CANCEL_ALL_OF_ANYBODY = 1 | 1 << 2;

    /** MSG_DONTWAIT, MSG_WAITALL and MSG_NOSIGNAL: as much as there is room for now, and a failure where that is not all. */
    private static final int SEND_NOW = 0x40 | 0x100 | 0x4000;

    /** A ring that ends waits so long for what is under way. */
    private static final long END_NS_MAX = 500_000_000L;

    private final ThreadAwareExecutor executor;
    private final Ring ring;
    private final ReceiveRing buffers;

    /** Who has which place; the first is nobody's. */
    private @Nullable RingUser[] users = new @Nullable RingUser[64];

    private int[] freePlaces = new int[64];
    private int freePlaceCount;
    private int placesUsed = 1;

    private RingSocket[] senders = new RingSocket[256];
    private int senderCount;
    private boolean isSendAwaited;

    /** How often the kernel was found to have taken all that was queued. */
    private long takings;

    private final Set<RingPoll> polls = new HashSet<>();

    private final UnsafeBuffer wakeCount = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(Long.BYTES));
    private final WakeUp wakeUp = new WakeUp();

    /**
     * Makes the ring of a loop.
     *
     * @throws UncheckedIOException if the system refuses what it needs
     */
    public RingHandler(ThreadAwareExecutor executor, ByteBufAllocator allocator) {
        this.executor = executor;
        try {
            ring = new Ring();
            try {
                buffers = new ReceiveRing(ring, allocator);
            } catch (IOException | RuntimeException | Error e) {
                ring.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Why the system has no ring as it is needed; null if it has. */
    public static @Nullable Throwable unavailability() {
        try {
            new Ring().close();
            return null;
        } catch (IOException | UnsupportedOperationException | LinkageError e) {
            return e;
        }
    }

    @Override
    public void initialize() {
        try {
            ring.enable();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitWaking();
    }

    Ring ring() {
        return ring;
    }

    ReceiveRing buffers() {
        return buffers;
    }

    // ---- places ----

    static long userData(int place, int operation) {
        return (long) place << OPERATION_BITS | operation;
    }

    int place(RingUser user) {
        int place;
        if (freePlaceCount > 0) {
            place = freePlaces[--freePlaceCount];
        } else {
            place = placesUsed++;
            if (place == users.length) {
                users = Arrays.copyOf(users, 2 * place);
            }
        }
        users[place] = user;
        return place;
    }

    void freePlace(int place) {
        users[place] = null;
        if (freePlaceCount == freePlaces.length) {
            freePlaces = Arrays.copyOf(freePlaces, 2 * freePlaceCount);
        }
        freePlaces[freePlaceCount++] = place;
    }

    // ---- operations ----

    void queueReceive(int file, boolean goesOn, long userData) {
        ring.add(OP_RECEIVE, SELECT_BUFFER, goesOn ? RECEIVE_GOES_ON : 0, file, 0, 0, 0, ReceiveRing.GROUP, userData);
    }

    /** Tells of failures only: once the ring was entered, whoever heard of none has sent all. */
    void queueSend(RingSocket sender, boolean isAwaited, int file, long address, int length, long userData) {
        if (senderCount == senders.length) {
            senders = Arrays.copyOf(senders, 2 * senderCount);
        }
        senders[senderCount++] = sender;
        isSendAwaited |= isAwaited;
        ring.add(OP_SEND, NO_COMPLETION_OF_SUCCESS, 0, file, address, length, SEND_NOW, 0, userData);
    }

    void queuePoll(int file, int events, long userData) {
        ring.add(OP_POLL, 0, 0, file, 0, 0, events, 0, userData);
    }

    /** Nobody hears how that went; the operation itself says that it was cancelled. */
    void queueCancel(long userData) {
        ring.add(OP_CANCEL, NO_COMPLETION_OF_SUCCESS, 0, -1, userData, 0, 0, 0, 0);
    }

    // ---- the turn ----

    @Override
    public int run(IoHandlerContext context) {
        if (context.canBlock() && !isSendAwaited && !ring.hasCompletions()) {
            ring.enter(1, context.deadlineNanos() == -1 ? -1 : context.delayNanos(System.nanoTime()));
        } else if (ring.needsEntering()) {
            ring.enter(0, 0);
        }
        int taken = takenSends();
        int count = complete();
        settle(taken);
        return count;
    }

    /** How many sends the kernel has taken: none if it left some, or has no room to say that one failed; that is for the next time. */
    private int takenSends() {
        if (ring.hasQueued() || ring.isOverflown()) {
            return 0;
        }
        takings++;
        return senderCount;
    }

    /** Grows before what is queued from now on is found to be taken. */
    long takings() {
        return takings;
    }

    private int complete() {
        int count = ring.completions();
        for (int i = 0; i < count; i++) {
            long userData = ring.userData();
            int result = ring.result();
            int flags = ring.flags();
            ring.next();
            complete((int) (userData >>> OPERATION_BITS), (int) userData & (1 << OPERATION_BITS) - 1, result, flags);
        }
        return count;
    }

    private void complete(int place, int operation, int result, int flags) {
        RingUser user = users[place];
        if (user != null) {
            try {
                user.completed(operation, result, flags);
            } catch (RuntimeException e) {
                LOG.error("an event of {} was not served", user, e);
            }
        } else if (operation == WAKE) {
            wakeUp.heard();
            if (!wakeUp.isClosed()) {
                awaitWaking();
            }
        }
    }

    /** The kernel has said which of the first so many sends failed; those queued while it was heard are behind them. */
    private void settle(int count) {
        if (count > 0) {
            for (int i = 0; i < count; i++) {
                senders[i].settle();
            }
            senderCount -= count;
            System.arraycopy(senders, count, senders, 0, senderCount);
            isSendAwaited &= senderCount > 0;
        }
    }

    // ---- waking ----

    private void awaitWaking() {
        ring.add(OP_READ, 0, 0, wakeUp.descriptor(), wakeCount.addressOffset(), Long.BYTES, 0, 0, userData(0, WAKE));
    }

    @Override
    public void wakeup() {
        if (!executor.isExecutorThread(Thread.currentThread())) {
            wakeUp.tell();
        }
    }

    // ---- registrations ----

    @Override
    public IoRegistration register(IoHandle handle) {
        RingPoll poll = new RingPoll(this, (EpollIoHandle) handle);
        polls.add(poll);
        handle.registered();
        return poll;
    }

    void forget(RingPoll poll) {
        polls.remove(poll);
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return EpollIoHandle.class.isAssignableFrom(type);
    }

    // ---- the end ----

    @Override
    public void prepareToDestroy() {
        List.copyOf(polls).forEach(RingPoll::close);
    }

    @Override
    public void destroy() {
        ring.add(OP_CANCEL, NO_COMPLETION_OF_SUCCESS, 0, -1, 0, 0, CANCEL_ALL_OF_ANYBODY, 0, 0);
        wakeUp.close();
        long until = System.nanoTime() + END_NS_MAX;
        do {
            ring.enter(1, END_NS_MAX / 10);
            int taken = takenSends();
            complete();
            settle(taken);
        } while (freePlaceCount < placesUsed - 1 && System.nanoTime() < until);
        ring.close();
        buffers.close();
    }
}

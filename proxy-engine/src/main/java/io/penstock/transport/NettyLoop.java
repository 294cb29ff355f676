package io.penstock.transport;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicBounds;
import io.penstock.transport.quic.QuicService;
import io.penstock.transport.ring.RingHandler;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop over one Netty event loop. Which methods other threads may call is said by {@link Loop}; the rest, and all of this class
 * that is not in it, belongs to the loop's own thread.
 */
final class NettyLoop implements Loop {
    private static final Logger LOG = LoggerFactory.getLogger(NettyLoop.class);

    /** Deep enough for a script's recursion in a filter, which runs on this thread. */
    static final long STACK_BYTES = 4L * 1024 * 1024;

    /** How long a loop that stops waits for its sockets to close. */
    private static final long STOP_NS_MAX = 2_000_000_000L;

    private static final int PAGE_BYTES = 8 * 1024;

    /** Chunks of 1 MiB. */
    private static final int PAGES_PER_CHUNK_LOG2 = 7;

    private static final int BUFFERS_CACHED = 256;

    /** Loaded with this class: when they are needed there may be no descriptor left to load a class with. */
    static final List<Class<?>> LAST_RESORTS = List.of(DeadChannel.class, ConnectFailure.class, CloseCause.class);

    private final SystemInterface system;
    private final NanoClock clock;
    private final Executor executor;

    // One arena for each loop, so that nobody else takes its lock and its memory can be counted.
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(
            true, 0, 1, PAGE_BYTES, PAGES_PER_CHUNK_LOG2, BUFFERS_CACHED, BUFFERS_CACHED, false);

    private final ReceiveMemory receiveMemory = new ReceiveMemory(allocator);
    private final OutputMemory outputMemory = new OutputMemory(allocator);
    private final TwoParts twoParts = new TwoParts();
    private final ReceivedRegion region = new ReceivedRegion();
    private final UnsafeBuffer window = new UnsafeBuffer(0, 0);

    private final ArrayDeque<Runnable> afterTurn = new ArrayDeque<>();
    private @Nullable LoopChannel[] dirty = new @Nullable LoopChannel[256];
    private int dirtyCount;
    private List<LoopChannel> deferred = new ArrayList<>();
    private List<LoopChannel> deferredBefore = new ArrayList<>();
    private final Runnable tellDeferred = this::tellDeferred;
    private final List<NettyAcceptance> acceptances = new ArrayList<>();
    private final List<NettyQuicService> services = new ArrayList<>();
    private @Nullable LoopChannel firstOpen;

    private final TimerWheel wheel;
    private final Runnable tick = this::tick;
    private @Nullable Future<?> tickTask;
    private long tickAtNs = Long.MAX_VALUE;
    private long nowNs;
    private boolean isClockRead;
    private boolean isStopping;

    NettyLoop(SystemInterface system, String threadName, NanoClock clock, Consumer<NettyLoop> ended) {
        this.system = system;
        this.clock = clock;
        wheel = new TimerWheel(clock.nanoTime());
        ThreadFactory threads = task -> {
            Thread thread = new FastThreadLocalThread(null, task, threadName, STACK_BYTES);
            thread.setDaemon(true);
            return thread;
        };
        executor = new Executor(threads, system.ioHandlers(allocator));
        executor.terminationFuture().addListener(future -> ended.accept(this));
    }

    SystemInterface system() {
        return system;
    }

    PooledByteBufAllocator allocator() {
        return allocator;
    }

    ReceiveMemory receiveMemory() {
        return receiveMemory;
    }

    OutputMemory outputMemory() {
        return outputMemory;
    }

    TwoParts twoParts() {
        return twoParts;
    }

    ReceivedRegion region() {
        return region;
    }

    /** A view of memory, good until the next one is asked for. */
    UnsafeBuffer window(long address, int length) {
        window.wrap(address, length);
        return window;
    }

    // ---- what the interface says ----

    @Override
    public String transport() {
        return system.text();
    }

    @Override
    public boolean isInLoop() {
        return executor.inEventLoop();
    }

    @Override
    public void post(Runnable task) {
        executor.execute(task);
    }

    @Override
    public void afterTurn(Runnable task) {
        afterTurn.addLast(task);
    }

    @Override
    public long nowNs() {
        if (!isClockRead) {
            isClockRead = true;
            nowNs = clock.nanoTime();
        }
        return nowNs;
    }

    @Override
    public TimerWheel wheel() {
        return wheel;
    }

    @Override
    public Channel connect(SocketAddress remote, long timeoutNs, ChannelHandler handler) {
        boolean isUnix = remote instanceof UnixDomainSocketAddress;
        if (isUnix && !system.hasUnixSockets()) {
            LOG.warn("{} is a unix socket, which transport nio does not know; use epoll or io_uring", remote);
            return new DeadChannel(this, handler, CloseCause.CONNECT_UNREACHABLE);
        }
        LoopChannel channel;
        try {
            channel = system.newChannel(this, isUnix, handler);
        } catch (ChannelException e) {
            LOG.debug("no socket for {}", remote, e);
            return new DeadChannel(this, handler, CloseCause.EXHAUSTED);
        }
        channel.connect(
                remote instanceof UnixDomainSocketAddress unix
                        ? new DomainSocketAddress(unix.getPath().toFile())
                        : remote,
                timeoutNs);
        return channel;
    }

    @Override
    public Acceptance accept(BoundSocket socket, Acceptor acceptor) {
        NettyAcceptance acceptance = new NettyAcceptance(this, (NettyBoundSocket) socket, acceptor);
        acceptances.add(acceptance);
        acceptance.begin();
        return acceptance;
    }

    @Override
    public QuicService serve(DatagramSocket socket, QuicBounds bounds, QuicAcceptor acceptor) throws BindRefused {
        NettyQuicService service = new NettyQuicService(this, (NettyDatagramSocket) socket, bounds, acceptor);
        services.add(service);
        service.begin();
        return service;
    }

    @Override
    public void close() {
        Future<?> termination = executor.terminationFuture();
        try {
            executor.execute(this::stop);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed before", e);
        }
        if (!executor.inEventLoop()) {
            termination.awaitUninterruptibly();
        }
    }

    private void stop() {
        if (!isStopping) {
            isStopping = true;
            List.copyOf(acceptances).forEach(NettyAcceptance::closeNow);
            List.copyOf(services).forEach(NettyQuicService::close);
            for (LoopChannel channel = firstOpen; channel != null; channel = channel.nextOpen) {
                channel.abort();
            }
            receiveMemory.close();
            outputMemory.close();
            // In case one of them cannot tell that it is closed.
            executor.schedule(this::end, STOP_NS_MAX, TimeUnit.NANOSECONDS).addListener(NettyLoop::ignore);
            endIfEmpty();
        }
    }

    private void endIfEmpty() {
        if (isStopping && firstOpen == null && acceptances.isEmpty() && services.isEmpty()) {
            end();
        }
    }

    private void end() {
        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(NettyLoop::ignore);
    }

    private static void ignore(Future<?> future) {}

    // ---- what channels and acceptances ask of it ----

    boolean isStopping() {
        return isStopping;
    }

    void register(io.netty.channel.Channel channel) {
        channel.unsafe().register(executor, channel.newPromise());
    }

    /** The loop's io_uring, of one that has it. */
    RingHandler ring() {
        return executor.ring();
    }

    Future<IoRegistration> register(IoHandle handle) {
        return executor.register(handle);
    }

    void joined(LoopChannel channel) {
        if (firstOpen != null) {
            firstOpen.previousOpen = channel;
        }
        channel.nextOpen = firstOpen;
        firstOpen = channel;
    }

    void left(LoopChannel channel) {
        if (channel.previousOpen == null) {
            firstOpen = channel.nextOpen;
        } else {
            channel.previousOpen.nextOpen = channel.nextOpen;
        }
        if (channel.nextOpen != null) {
            channel.nextOpen.previousOpen = channel.previousOpen;
        }
        endIfEmpty();
    }

    void left(NettyAcceptance acceptance) {
        acceptances.remove(acceptance);
        endIfEmpty();
    }

    void left(NettyQuicService service) {
        services.remove(service);
        endIfEmpty();
    }

    /** Has the channel tell its handler what it owes it, in a turn of its own. */
    void defer(LoopChannel channel) {
        if (!channel.isDeferred) {
            channel.isDeferred = true;
            if (deferred.isEmpty()) {
                executor.execute(tellDeferred);
            }
            deferred.add(channel);
        }
    }

    /** Has the channel flush at the end of this turn. */
    void markDirty(LoopChannel channel) {
        if (dirtyCount == dirty.length) {
            dirty = Arrays.copyOf(dirty, 2 * dirtyCount);
        }
        dirty[dirtyCount++] = channel;
    }

    // ---- the turn ----

    private void tellDeferred() {
        // What is deferred from here on is for the next turn.
        List<LoopChannel> now = deferred;
        deferred = deferredBefore;
        deferredBefore = now;
        for (int i = 0; i < now.size(); i++) {
            try {
                now.get(i).tellDeferred();
            } catch (RuntimeException e) {
                LOG.error("a handler failed when its channel was closed", e);
            }
        }
        now.clear();
    }

    private void endTurn() {
        for (int i = afterTurn.size(); i > 0; i--) {
            try {
                afterTurn.removeFirst().run();
            } catch (RuntimeException e) {
                LOG.error("a task after the turn failed", e);
            }
        }
        if (!afterTurn.isEmpty()) {
            // They wait for the end of the next turn, which must not wait for an event.
            executor.execute(NettyLoop::nothing);
        }
        for (int i = 0; i < dirtyCount; i++) {
            LoopChannel channel = dirty[i];
            dirty[i] = null;
            if (channel != null) {
                channel.flush();
            }
        }
        dirtyCount = 0;
        armTick();
        isClockRead = false;
    }

    private static void nothing() {}

    private void armTick() {
        if (wheel.armedTimers() > 0) {
            long delayNs = wheel.nextDelayNs(nowNs());
            long atNs = nowNs() + delayNs;
            if (atNs < tickAtNs && !executor.isShuttingDown()) {
                if (tickTask != null) {
                    tickTask.cancel(false);
                }
                tickAtNs = atNs;
                tickTask = executor.schedule(tick, delayNs, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void tick() {
        tickAtNs = Long.MAX_VALUE;
        tickTask = null;
        wheel.advance(nowNs());
    }

    private final class Executor extends SingleThreadIoEventLoop {
        Executor(ThreadFactory threads, IoHandlerFactory handlers) {
            super(null, threads, handlers);
        }

        RingHandler ring() {
            return (RingHandler) ioHandler();
        }

        @Override
        protected void afterRunningAllTasks() {
            super.afterRunningAllTasks();
            endTurn();
        }
    }
}

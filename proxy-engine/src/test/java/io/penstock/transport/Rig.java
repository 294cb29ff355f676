package io.penstock.transport;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Loops of one transport, and plain Java sockets as the other end, so that a test holds both in its hands. */
final class Rig {
    static final long TIMEOUT_S = 10;
    private static final int BACKLOG = 128;

    final Transport transport;
    final Loop loop;
    private final List<Loop> loops = new ArrayList<>();
    private final List<AutoCloseable> peers = new ArrayList<>();

    Rig(TransportChoice choice) {
        try {
            transport = Transport.open(choice);
        } catch (TransportRefused e) {
            Assumptions.abort(e.getMessage());
            throw new AssertionError(e);
        }
        loop = newLoop();
    }

    Loop newLoop() {
        Loop made = transport.newLoop("test-loop-" + loops.size());
        loops.add(made);
        return made;
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Runs something on a loop and waits for what it gives. */
    static <T> T on(Loop loop, Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.post(() -> {
            try {
                result.complete(work.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(TIMEOUT_S, TimeUnit.SECONDS).join();
    }

    static void run(Loop loop, Runnable work) {
        on(loop, () -> {
            work.run();
            return true;
        });
    }

    /** Waits until the loop has had whole turns, so that what was begun before has had its effects on it. */
    static void turns(Loop loop, int count) {
        for (int i = 0; i < count; i++) {
            run(loop, () -> {});
        }
    }

    Listening listen(Supplier<ChannelHandler> handlers) throws BindRefused {
        return listen(anyPort(), handlers);
    }

    Listening listen(SocketAddress address, Supplier<ChannelHandler> handlers) throws BindRefused {
        BoundSocket socket = transport.bind(address, 1, BACKLOG).getFirst();
        Listening listening = new Listening(socket.localAddress(), loop, handlers);
        listening.acceptance = on(loop, () -> loop.accept(socket, listening));
        return listening;
    }

    Socket dial(InetSocketAddress address) throws IOException {
        return dial(address, 0);
    }

    /** Dials with so small a window for what comes; the system's where it is 0. */
    Socket dial(InetSocketAddress address, int receiveBytes) throws IOException {
        Socket socket = new Socket();
        peers.add(socket);
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TIMEOUT_S));
        socket.connect(address, (int) TimeUnit.SECONDS.toMillis(TIMEOUT_S));
        return socket;
    }

    /** Stops a loop and finds buffers that were not given back. */
    static void closeAndCheck(Loop loop) {
        loop.close();
        assertThat(((NettyLoop) loop).allocator().pinnedDirectMemory())
                .as("bytes in buffers nobody released")
                .isZero();
    }

    /** Stops the loops, and finds memory that was not given back. */
    void close() throws Exception {
        for (AutoCloseable peer : peers) {
            peer.close();
        }
        loops.forEach(Rig::closeAndCheck);
    }

    /** A listener whose accepted channels can be waited for. */
    static class Listening implements Acceptor {
        final InetSocketAddress address;
        final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
        private final Supplier<ChannelHandler> handlers;
        private @Nullable Acceptance acceptance;
        volatile Loop owner;
        /** Written by the accepting loop, read on it. */
        int exhaustions;

        Listening(InetSocketAddress address, Loop owner, Supplier<ChannelHandler> handlers) {
            this.address = address;
            this.owner = owner;
            this.handlers = handlers;
        }

        Acceptance acceptance() {
            return requireNonNull(acceptance);
        }

        @Override
        public void exhausted() {
            exhaustions++;
        }

        @Override
        public Loop owner() {
            return owner;
        }

        @Override
        public ChannelHandler accepted(Channel channel) {
            accepted.add(channel);
            return handlers.get();
        }

        Channel next() throws InterruptedException {
            Channel channel = accepted.poll(TIMEOUT_S, TimeUnit.SECONDS);
            assertThat(channel).as("an accepted channel").isNotNull();
            return channel;
        }
    }
}

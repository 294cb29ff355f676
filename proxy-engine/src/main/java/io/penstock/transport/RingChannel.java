package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.ring.RingSocket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A channel whose bytes go by operations of the loop's io_uring: all that a turn sends leaves by one call of the system, which
 * also fetches what was received meanwhile. Its descriptor is polled only while it connects, while output waits for room, and while
 * nothing is received since nobody wants it.
 */
@WorkerConfined
final class RingChannel extends SocketChannel {
    /** EPOLLONESHOT: asked anew after each answer. */
    private static final int ONCE = 1 << 30;

    private static final int OUT = EpollIoOps.EPOLLOUT.value();
    private static final int HANG_UP = EpollIoOps.EPOLLRDHUP.value();
    private static final int BYTES = EpollIoOps.EPOLLIN.value() | HANG_UP;

    /** What its descriptor is polled for besides room for output. A poll tells of a reset anyway. */
    private static final class Watch {
        static final Watch NOTHING = new Watch(0);
        static final Watch RESET = new Watch(EpollIoOps.EPOLLERR.value());
        static final Watch END = new Watch(HANG_UP);
        static final Watch INPUT = new Watch(BYTES);

        private final EpollIoOps alone;
        private final EpollIoOps withOutput;

        private Watch(int bits) {
            alone = bits == 0 ? EpollIoOps.NONE : EpollIoOps.valueOf(bits | ONCE);
            withOutput = EpollIoOps.valueOf(bits | EpollIoOps.EPOLLOUT.value() | ONCE);
        }
    }

    private final Operations operations;
    private final Input input;
    private final Output output;

    /** Null for most: looked for only where the peer is half gone. */
    private @Nullable Room room;

    private boolean isOutputWatched;
    private Watch watch = Watch.NOTHING;

    RingChannel(NettyLoop loop, Socket socket, ChannelHandler handler) {
        super(loop, socket, handler);
        operations = new Operations();
        input = new Input();
        output = new Output();
    }

    @Override
    SocketInput input() {
        return input;
    }

    @Override
    SocketOutput output() {
        return output;
    }

    @Override
    EpollIoOps watched() {
        return isOutputWatched ? watch.withOutput : watch.alone;
    }

    private void watch(Watch wanted) {
        watch = wanted;
        watch();
    }

    @Override
    void watchOutput(boolean wanted) {
        if (wanted || isOutputWatched) {
            isOutputWatched = wanted;
            watch();
        }
    }

    @Override
    void closeSocket(Socket socket, @Nullable IoRegistration registered) throws IOException {
        operations.stop();
        if (room != null) {
            loop().wheel().disarm(room);
        }
        if (registered != null) {
            registered.cancel();
        }
        socket.close();
    }

    /** What it has the ring do, and what became of it. */
    private final class Operations extends RingSocket {
        Operations() {
            super(loop().ring(), socket().intValue());
        }

        @Override
        protected void received(ByteBuf bytes) {
            try {
                input.received(bytes);
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }

        @Override
        protected void stoppedReceiving() {
            input.resume();
        }

        @Override
        protected void endOfInput() {
            try {
                input.ended();
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }

        @Override
        protected void broken(IOException failure) {
            failed(failure);
        }

        @Override
        protected void sent(ByteBuf bytes) {
            output.underWayBytes = 0;
            loop().outputMemory().giveBack(bytes);
            output.proceed();
        }

        @Override
        protected void sentInPart(ByteBuf bytes, int count, @Nullable IOException failure) {
            output.underWayBytes = 0;
            if (failure == null && !isBroken()) {
                output.waitFirst(bytes.skipBytes(count));
                output.proceed();
            } else {
                bytes.release();
                if (failure != null && !isBroken()) {
                    failed(failure);
                }
            }
        }
    }

    /**
     * Receives from when it opens, wanted or not: who waits for an answer may have gone, and only a receive tells of it. Much in a
     * row is polled for and received by calls of its own, into more memory than a buffer of the ring has; it stays in the kernel
     * where it is not wanted, instead of being copied.
     */
    private final class Input extends SocketInput {
        /** So many in a row are much. */
        private static final int FULL_BUFFERS_MAX = 4;

        private int fullBuffers;
        private boolean isBulk;

        Input() {
            super(RingChannel.this);
        }

        @Override
        void opened() {
            operations.receive();
        }

        @Override
        void ready(int events) throws IOException {
            if (isOutputWatched && (events & SocketChannel.HANG_UP) != 0 && (events & OUT) == 0) {
                lookForRoom();
            }
            if (isBulk && (events & (BYTES | SocketChannel.HANG_UP)) != 0 && hasMore() && keepsNothing()) {
                read();
            }
        }

        private void received(ByteBuf bytes) {
            fullBuffers = bytes.isWritable() ? 0 : fullBuffers + 1;
            if (fullBuffers == FULL_BUFFERS_MAX) {
                isBulk = true;
                operations.stopReceiving();
            }
            take(bytes);
        }

        @Override
        boolean hasMore() {
            return !operations.isReceiving() && !isEnded();
        }

        @Override
        void receiveMore() throws IOException {
            if (isWanted() && hasMore()) {
                if (isBulk) {
                    read();
                } else {
                    listen();
                }
            }
        }

        private void read() throws IOException {
            ByteBuf memory = loop().receiveMemory().acquire();
            try {
                int count = socket().recvAddress(memory.memoryAddress(), 0, ReceiveMemory.BYTES);
                if (count < 0) {
                    watch(Watch.NOTHING);
                    ended();
                    return;
                }
                if (count > 0) {
                    take(memory.writerIndex(count));
                }
                if (isOpen() && keepsNothing()) {
                    goOn(count);
                }
            } finally {
                memory.release();
            }
        }

        private void goOn(int count) {
            if (count == ReceiveMemory.BYTES && isWanted()) {
                // The rest comes after the other channels had their turn.
                resume();
            } else if (count > 0 && count < RingSocket.RECEIVED_BYTES_MAX) {
                listen();
            } else {
                watch(isWanted() ? Watch.INPUT : Watch.END);
            }
        }

        private void listen() {
            fullBuffers = 0;
            isBulk = false;
            watch(Watch.NOTHING);
            operations.receive();
        }

        @Override
        void paused() {
            operations.stopReceiving();
            watch(Watch.RESET);
        }
    }

    /**
     * Looks for room itself where the peer has ended its direction: of that a poll tells again and again, whatever it was
     * asked (IO_POLL_UNMASK in the kernel), so that none can wait for room.
     */
    private final class Room extends Timer {
        private static final long LOOK_NS = 2_000_000L;

        void look() {
            if (!isArmed()) {
                loop().wheel().arm(this, loop().nowNs() + LOOK_NS);
            }
        }

        @Override
        protected void expired(long nowNs) {
            try {
                output.ready();
            } catch (IOException | RuntimeException e) {
                failed(e);
            }
        }
    }

    private void lookForRoom() {
        Room looked = room;
        if (looked == null) {
            looked = new Room();
            room = looked;
        }
        looked.look();
    }

    private final class Output extends SocketOutput {
        private int underWayBytes;

        Output() {
            super(RingChannel.this);
        }

        @Override
        void sendTurn(ByteBuf bytes) {
            underWayBytes = bytes.readableBytes();
            operations.send(bytes, isAwaited());
        }

        @Override
        boolean isUnderWay() {
            return underWayBytes > 0;
        }

        @Override
        int pendingBytes() {
            return super.pendingBytes() + underWayBytes;
        }
    }
}

package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.penstock.mark.WorkerConfined;

/**
 * Tells Netty how one channel receives: into the loop's memory, with one system call for each readiness event, and not at all
 * while the channel keeps as many bytes as it may.
 */
@WorkerConfined
final class ReceiveGate implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {
    private final NettyLoop loop;
    private int attemptedBytes;
    private int lastBytes;

    ReceiveGate(NettyLoop loop) {
        this.loop = loop;
    }

    // Netty marks newHandle as deprecated for those who call it, not for those who implement it.
    @Override
    @SuppressWarnings("deprecation")
    public Handle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        return loop.receiveMemory().acquire();
    }

    @Override
    public int guess() {
        return ReceiveMemory.BYTES;
    }

    @Override
    public void reset(ChannelConfig config) {}

    @Override
    public void incMessagesRead(int count) {}

    @Override
    public void lastBytesRead(int bytes) {
        lastBytes = bytes;
    }

    @Override
    public int lastBytesRead() {
        return lastBytes;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attemptedBytes = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attemptedBytes;
    }

    // Readiness is level-triggered everywhere: what is left is told again, after the other channels had their turn.
    @Override
    public boolean continueReading() {
        return false;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return false;
    }

    @Override
    public void readComplete() {}
}

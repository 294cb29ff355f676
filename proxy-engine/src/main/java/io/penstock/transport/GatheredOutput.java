package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.internal.SystemPropertyUtil;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * What a channel sends in one turn, gathered in one buffer; and the count of what has not left yet. It holds no memory between
 * turns: what the kernel does not take at once waits in Netty's own queue.
 */
@WorkerConfined
final class GatheredOutput {
    /** Size of a buffer to gather in ... */
    private static final int BUFFER_BYTES = 4 * 1024;

    /** ... and how far it may grow, since growing copies. */
    private static final int BUFFER_BYTES_MAX = 64 * 1024;

    /** What Netty adds to its count for each entry; the same property as its own. */
    private static final int ENTRY_OVERHEAD_BYTES =
            SystemPropertyUtil.getInt("io.netty.transport.outboundBufferEntrySizeOverhead", 96);

    private final NettyLoop loop;
    private final Channel channel;
    private @Nullable ByteBuf buffer;

    GatheredOutput(NettyLoop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
    }

    /** Adds bytes without copying them, and owns them. */
    void add(ByteBuf bytes) {
        handOver();
        channel.unsafe().write(bytes, channel.voidPromise());
    }

    /** The buffer that is to grow by so many bytes; stays this one's. */
    ByteBuf room(int length) {
        ByteBuf room = buffer;
        if (room != null) {
            if (room.readableBytes() + length <= BUFFER_BYTES_MAX) {
                return room;
            }
            handOver();
        }
        room = loop.allocator().directBuffer(Math.max(BUFFER_BYTES, length));
        buffer = room;
        return room;
    }

    private void handOver() {
        ByteBuf full = buffer;
        if (full != null) {
            buffer = null;
            channel.unsafe().write(full, channel.voidPromise());
        }
    }

    /** Gives all to the kernel, as far as it takes it. */
    void flush() {
        handOver();
        channel.unsafe().flush();
    }

    /** Whether the kernel has taken everything. */
    boolean isEmpty() {
        ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
        return buffer == null && (queue == null || queue.isEmpty());
    }

    int pendingBytes() {
        long bytes = buffer == null ? 0 : buffer.readableBytes();
        ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
        if (queue != null) {
            long queued = queue.totalPendingWriteBytes();
            if (queued > 0) {
                bytes += queued - (long) ENTRY_OVERHEAD_BYTES * queue.size() - queue.currentProgress();
            }
        }
        return (int) Math.min(Math.max(bytes, 0), Integer.MAX_VALUE);
    }

    /** Drops what was not flushed; the rest goes with Netty's channel. */
    void drop() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }
}

package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/** Gives the turn's output of a QUIC stream to the library, which takes as much as windows and the network allow. */
@WorkerConfined
final class QuicOutput extends ChannelOutput {
    private static final int BUFFER_BYTES = 4 * 1024;
    private static final int BUFFER_BYTES_MAX = 64 * 1024;

    private final NettyQuicStream owner;
    private final NettyLoop loop;
    private final QuicStreamChannel channel;
    private @Nullable ByteBuf buffer;
    // Given to the library, and not taken by it.
    private int givenBytes;
    private int givenWrites;
    private boolean isEndGiven;

    QuicOutput(NettyQuicStream owner, QuicStreamChannel channel) {
        super(owner);
        this.owner = owner;
        this.loop = owner.loop();
        this.channel = channel;
    }

    // The library copies what it takes; a reference would only spare a copy where it takes little.
    @Override
    void send(Received source, int offset, int length) {
        send(source.buffer(), offset, length);
    }

    @Override
    ByteBuf room(int length) {
        ByteBuf room = buffer;
        if (room != null) {
            if (room.readableBytes() + length <= BUFFER_BYTES_MAX) {
                return room;
            }
            give(room, false);
        }
        room = loop.allocator().directBuffer(Math.max(BUFFER_BYTES, length));
        buffer = room;
        return room;
    }

    private void give(ByteBuf bytes, boolean isLast) {
        buffer = null;
        int length = bytes.readableBytes();
        givenBytes += length;
        givenWrites++;
        isEndGiven |= isLast;
        ChannelPromise promise = channel.newPromise();
        promise.addListener(written -> taken(length, written.isSuccess()));
        channel.unsafe().write(isLast ? new DefaultQuicStreamFrame(bytes, true) : bytes, promise);
    }

    private void taken(int length, boolean isSuccess) {
        givenBytes -= length;
        givenWrites--;
        if (!isSuccess) {
            // The peer wants no more of it (RFC 9000 section 3.5), or the connection is gone.
            owner.fail(CloseCause.RESET);
            return;
        }
        checkSendable();
        endIfTaken();
    }

    @Override
    void write() {
        ByteBuf full = buffer;
        if (full != null) {
            // The end goes with the last bytes, in one packet where they fit into one.
            give(full, isToEnd());
        }
        checkSendable();
        endIfTaken();
    }

    private void endIfTaken() {
        if (isToEnd() && isEmpty()) {
            ended();
        }
    }

    @Override
    int pendingBytes() {
        return givenBytes + (buffer == null ? 0 : buffer.readableBytes());
    }

    @Override
    boolean isEmpty() {
        return buffer == null && givenWrites == 0;
    }

    @Override
    void shutDown() {
        if (!isEndGiven) {
            isEndGiven = true;
            channel.shutdownOutput(channel.newPromise()).addListener(NettyQuicStream::ignore);
        }
        owner.outputEnded();
    }

    @Override
    void drop() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }
}

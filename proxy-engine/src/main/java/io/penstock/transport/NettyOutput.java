package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.penstock.mark.WorkerConfined;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the turn's output to Netty, in whose queue it waits for the kernel. */
@WorkerConfined
final class NettyOutput extends ChannelOutput {
    private static final Logger LOG = LoggerFactory.getLogger(NettyOutput.class);

    /** Received parts of at least this size are sent by reference; below it the copy costs less than a second entry in the output. */
    static final int SEND_BY_REFERENCE_BYTES = 8 * 1024;

    private final io.netty.channel.Channel channel;
    private final GatheredOutput gathered;
    private boolean isEndArmed;

    NettyOutput(NettyChannel owner, io.netty.channel.Channel channel) {
        super(owner);
        this.channel = channel;
        this.gathered = new GatheredOutput(owner.loop(), channel);
    }

    @Override
    ByteBuf room(int length) {
        return gathered.room(length);
    }

    @Override
    void send(Received source, int offset, int length) {
        if (length >= SEND_BY_REFERENCE_BYTES && source instanceof ReceivedRegion region) {
            if (canSend()) {
                gathered.add(region.retainedSlice(offset, length));
                markDirty();
            }
        } else {
            send(source.buffer(), offset, length);
        }
    }

    @Override
    void write() {
        gathered.flush();
        checkSendable();
        if (isToEnd()) {
            end();
        }
    }

    /** Ends now if all of it has left, else as soon as it has. */
    private void end() {
        if (gathered.isEmpty()) {
            ended();
        } else if (!isEndArmed) {
            isEndArmed = true;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(future -> {
                if (future.isSuccess()) {
                    ended();
                }
            });
        }
    }

    @Override
    int pendingBytes() {
        return gathered.pendingBytes();
    }

    @Override
    boolean isEmpty() {
        return gathered.isEmpty();
    }

    @Override
    void shutDown() {
        ChannelFuture shut = ((DuplexChannel) channel).shutdownOutput();
        if (shut.cause() != null) {
            LOG.debug("{} could not be half closed", channel, shut.cause());
        }
    }

    /** What was flushed goes with Netty's channel. */
    @Override
    void drop() {
        gathered.drop();
    }
}

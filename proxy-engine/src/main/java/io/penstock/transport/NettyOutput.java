package io.penstock.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.penstock.mark.WorkerConfined;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sending half of a channel: output is gathered, leaves at the end of the loop's turn, and ends when all of it has left.
 */
@WorkerConfined
final class NettyOutput {
    private static final Logger LOG = LoggerFactory.getLogger(NettyOutput.class);

    /** Received parts of at least this size are sent by reference; below it the copy costs less than a second entry in the output. */
    static final int SEND_BY_REFERENCE_BYTES = 8 * 1024;

    /** What becomes of it when all that is pending has left. */
    private enum Ending {
        NONE,
        FINISH,
        CLOSE
    }

    private final NettyLoop loop;
    private final NettyChannel owner;
    private final io.netty.channel.Channel channel;
    private final GatheredOutput gathered;
    private Ending ending = Ending.NONE;
    private boolean isEndingArmed;
    private boolean isEnded;
    private boolean isDirty;
    private boolean isUnsendableTold;
    private boolean owesSendable;

    NettyOutput(NettyLoop loop, NettyChannel owner, io.netty.channel.Channel channel) {
        this.loop = loop;
        this.owner = owner;
        this.channel = channel;
        this.gathered = new GatheredOutput(loop, channel);
    }

    // ---- sending ----

    void send(byte[] source, int offset, int length) {
        if (canSend() && length > 0) {
            gathered.add(source, offset, length);
            markDirty();
        }
    }

    void send(DirectBuffer source, int offset, int length) {
        if (canSend() && length > 0) {
            gathered.add(source, offset, length);
            markDirty();
        }
    }

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

    private boolean canSend() {
        return !owner.isBroken() && ending == Ending.NONE;
    }

    private void markDirty() {
        if (!isDirty) {
            isDirty = true;
            loop.markDirty(owner);
        }
    }

    /** The connection is made: output, or its end, may wait since before. */
    void opened() {
        if (!gathered.isFlushed() || ending != Ending.NONE) {
            markDirty();
        }
    }

    /** Gives the turn's output to the kernel. */
    void flush() {
        isDirty = false;
        if (!owner.isBroken() && owner.isOpened()) {
            gathered.flush();
            checkSendable();
            if (ending != Ending.NONE) {
                end();
            }
        }
    }

    boolean isSendable() {
        if (pendingBytes() < Channel.HIGH_WATER_BYTES) {
            return true;
        }
        isUnsendableTold = true;
        return false;
    }

    int pendingBytes() {
        return gathered.pendingBytes();
    }

    /** The kernel may have taken enough for the handler to hear of it, once the loop is outside of every handler. */
    void checkSendable() {
        if (isUnsendableTold && !owner.isBroken() && pendingBytes() < Channel.LOW_WATER_BYTES) {
            isUnsendableTold = false;
            owesSendable = true;
            loop.defer(owner);
        }
    }

    void tellSendable() {
        if (owesSendable) {
            owesSendable = false;
            if (canSend()) {
                owner.handler().sendable(owner);
            }
        }
    }

    // ---- ending ----

    /** Whether all of the channel closes when it has left. */
    boolean isClosing() {
        return ending == Ending.CLOSE;
    }

    /** Whether FIN was sent. */
    boolean isEnded() {
        return isEnded;
    }

    void finish() {
        if (canSend()) {
            ending = Ending.FINISH;
            markDirty();
        }
    }

    void close() {
        ending = Ending.CLOSE;
        if (isEnded) {
            owner.fail(CloseCause.OURS);
        } else {
            isEndingArmed = false;
            markDirty();
        }
    }

    /** Ends now if all of it has left, else as soon as it has. */
    private void end() {
        if (gathered.isEmpty()) {
            ended();
        } else if (!isEndingArmed) {
            isEndingArmed = true;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(future -> {
                if (future.isSuccess()) {
                    ended();
                }
            });
        }
    }

    private void ended() {
        if (owner.isBroken()) {
            return;
        }
        if (ending == Ending.CLOSE) {
            owner.fail(CloseCause.OURS);
        } else if (!isEnded) {
            isEnded = true;
            ChannelFuture shut = ((DuplexChannel) channel).shutdownOutput();
            if (shut.cause() != null) {
                LOG.debug("{} could not be half closed", channel, shut.cause());
            }
            owner.outputEnded();
        }
    }

    /** Drops what was not flushed; the rest goes with Netty's channel. */
    void drop() {
        gathered.drop();
    }
}

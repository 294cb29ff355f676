package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.penstock.mark.WorkerConfined;

/** Has Netty read while bytes are wanted. */
@WorkerConfined
final class NettyInput extends ChannelInput {
    private final io.netty.channel.Channel channel;

    NettyInput(LoopChannel owner, io.netty.channel.Channel channel) {
        super(owner);
        this.channel = channel;
    }

    /**
     * Bytes have come; they are this one's to release. The kernel is asked to hold more back only where nobody wants even these: a
     * pause between two requests, which is the rule, costs no system call, and a reset is heard of meanwhile.
     */
    void received(ByteBuf bytes) {
        if (!isWanted() || !keepsNothing()) {
            channel.config().setAutoRead(false);
        }
        try {
            take(bytes);
        } finally {
            bytes.release();
        }
    }

    /** The peer has sent FIN. */
    void finished() {
        if (!isEnded()) {
            channel.config().setAutoRead(false);
            ended();
        }
    }

    @Override
    void opened() {
        resume();
    }

    @Override
    boolean hasMore() {
        return !isEnded() && !channel.config().isAutoRead();
    }

    // The kernel is asked to hold bytes back only when some arrive that nobody wants: a pause between two requests,
    // which is
    // the rule, costs no system call.
    @Override
    void receiveMore() {
        if (isWanted() && hasMore()) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    void paused() {
        // Until more comes: see received().
    }
}

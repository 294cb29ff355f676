package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.penstock.mark.WorkerConfined;

/**
 * The receiving half of a channel: bytes go to the handler while it wants them; what it does not want is kept, up to a bound,
 * and then the kernel is asked for no more.
 */
@WorkerConfined
final class NettyInput {
    private final NettyLoop loop;
    private final NettyChannel owner;
    private final io.netty.channel.Channel channel;
    private final KeptInput kept;
    private boolean isWanted;
    private boolean isEnded;
    private boolean isEndTold;

    NettyInput(NettyLoop loop, NettyChannel owner, io.netty.channel.Channel channel) {
        this.loop = loop;
        this.owner = owner;
        this.channel = channel;
        this.kept = new KeptInput(loop.allocator());
    }

    /** Bytes have come; they are this one's to release. */
    void received(ByteBuf bytes) {
        if (owner.isEnding()) {
            bytes.release();
        } else if (isWanted && kept.isEmpty()) {
            hand(bytes);
        } else {
            kept.add(bytes);
            pause();
        }
    }

    /** The peer has sent FIN; the handler hears of it once it has taken all that came before. */
    void ended() {
        if (!isEnded) {
            isEnded = true;
            channel.config().setAutoRead(false);
            if (kept.isEmpty()) {
                tellEnd();
            }
        }
    }

    boolean isEndTold() {
        return isEndTold;
    }

    void drop() {
        kept.drop();
    }

    /** Both directions have ended: the handler hears of this one's end now, if it did not before. */
    void tellEndAtLast() {
        if (!isEndTold) {
            isEndTold = true;
            owner.handler().endOfInput(owner);
        }
    }

    /** Whether bytes are wanted. */
    void receive(boolean wanted) {
        if (wanted != isWanted) {
            isWanted = wanted;
            // The kernel is asked to hold bytes back only when some arrive that nobody wants: a pause between two
            // requests, which is the rule, costs no system call.
            if (wanted && owner.isOpened() && owner.isOpen()) {
                resume();
            }
        }
    }

    /** Asks the kernel for bytes again where some are wanted. */
    void resume() {
        if (isWanted) {
            if (!kept.isEmpty()) {
                loop.defer(owner);
            } else if (!isEnded && owner.isOpen() && !channel.config().isAutoRead()) {
                channel.config().setAutoRead(true);
            }
        }
    }

    private void pause() {
        ChannelConfig config = channel.config();
        if (config.isAutoRead()) {
            config.setAutoRead(false);
        }
    }

    /** Hands bytes to the handler and keeps what it leaves. */
    private void hand(ByteBuf bytes) {
        int length = bytes.readableBytes();
        try {
            int taken = offer(bytes);
            if (taken < length && !owner.isEnding()) {
                isWanted = false;
                kept.add(bytes.skipBytes(taken).retain());
            }
        } finally {
            bytes.release();
        }
    }

    private int offer(ByteBuf bytes) {
        int length = bytes.readableBytes();
        ReceivedRegion region = loop.region();
        region.wrap(bytes);
        try {
            int taken = owner.handler().received(owner, region);
            if (taken < 0 || taken > length) {
                throw new IllegalStateException("handler took " + taken + " of " + length + " bytes");
            }
            return taken;
        } finally {
            region.unwrap();
        }
    }

    /** Hands over what was kept, where it is wanted. */
    void handKept() {
        if (!isWanted || kept.isEmpty()) {
            return;
        }
        while (isWanted && owner.isOpen()) {
            ByteBuf first = kept.retainedFirst();
            if (first == null) {
                break;
            }
            try {
                int length = first.readableBytes();
                int taken = offer(first);
                kept.take(taken);
                if (taken < length) {
                    isWanted = false;
                }
            } finally {
                first.release();
            }
        }
        if (kept.isEmpty()) {
            if (isEnded) {
                tellEnd();
            } else {
                resume();
            }
        }
    }

    private void tellEnd() {
        if (!isEndTold && !owner.isEnding()) {
            isEndTold = true;
            owner.handler().endOfInput(owner);
            owner.closeIfFinished();
        }
    }
}

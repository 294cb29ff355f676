package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;

/**
 * The receiving half of a {@link LoopChannel}: bytes go to the handler while it wants them, and stay in the kernel while it
 * does not; only what it leaves of bytes received, or what came before the kernel could be told, is kept.
 */
@WorkerConfined
abstract class ChannelInput {
    private final NettyLoop loop;
    private final LoopChannel owner;
    private final KeptInput kept;
    private boolean isWanted;
    private boolean isEnded;
    private boolean isEndTold;

    ChannelInput(LoopChannel owner) {
        this.owner = owner;
        loop = owner.loop();
        kept = new KeptInput(loop.allocator());
    }

    // ---- what differs ----

    /** The connection is made; bytes may be wanted since before. */
    abstract void opened();

    /** Whether there is, or may be, more to receive at once. */
    abstract boolean hasMore();

    /** Receives where there is more; nothing is kept. */
    abstract void receiveMore() throws IOException;

    /** Something is kept: the handler wants nothing. */
    abstract void paused();

    // ---- receiving ----

    /** Takes bytes just received, which are good during this call only. */
    final void take(ByteBuf bytes) {
        if (owner.isEnding()) {
            return;
        }
        if (!isWanted || !kept.isEmpty()) {
            keep(bytes);
            return;
        }
        int length = bytes.readableBytes();
        int taken = offer(bytes);
        if (taken < length && !owner.isEnding()) {
            isWanted = false;
            keep(bytes.skipBytes(taken));
        }
    }

    private void keep(ByteBuf bytes) {
        int length = bytes.readableBytes();
        kept.add(loop.allocator().directBuffer(length, length).writeBytes(bytes));
        paused();
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

    /** The peer has sent all it had to send; the handler hears of it once it has taken all that came before. */
    final void ended() {
        isEnded = true;
        tellEnd();
    }

    final boolean isEnded() {
        return isEnded;
    }

    final boolean isWanted() {
        return isWanted;
    }

    final boolean keepsNothing() {
        return kept.isEmpty();
    }

    /** Whether bytes are wanted. */
    final void receive(boolean wanted) {
        if (wanted != isWanted) {
            isWanted = wanted;
            if (wanted && owner.isOpened() && owner.isOpen()) {
                resume();
            }
        }
    }

    /** Goes on in a turn of its own where bytes are wanted and there are some. */
    final void resume() {
        if (isWanted && (!kept.isEmpty() || hasMore())) {
            loop.defer(owner);
        }
    }

    /** Hands over what was kept, then what is in the kernel, where it is wanted; called outside of every handler. */
    final void proceed() throws IOException {
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
        if (kept.isEmpty() && owner.isOpened() && owner.isOpen()) {
            if (isEnded) {
                tellEnd();
            } else {
                receiveMore();
            }
        }
    }

    private void tellEnd() {
        if (kept.isEmpty() && !isEndTold && !owner.isEnding()) {
            isEndTold = true;
            owner.handler().endOfInput(owner);
            owner.closeIfFinished();
        }
    }

    final boolean isEndTold() {
        return isEndTold;
    }

    /** Both directions have ended: the handler hears of this one's end now, if it did not before. */
    final void tellEndAtLast() {
        if (!isEndTold) {
            isEndTold = true;
            owner.handler().endOfInput(owner);
        }
    }

    final void drop() {
        kept.drop();
    }
}

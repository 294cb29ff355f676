package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollIoOps;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;

/** Receives by a call of its own when epoll has told of bytes. */
@WorkerConfined
final class EpollInput extends SocketInput {
    private static final int IN = EpollIoOps.EPOLLIN.value();

    private final SocketChannel owner;

    /** Whether there may be bytes in the kernel: an edge-triggered event tells of them only once. */
    private boolean isReadable;

    /** Whether the peer has said that there is an end to its bytes. */
    private boolean isHungUp;

    EpollInput(SocketChannel owner) {
        super(owner);
        this.owner = owner;
    }

    @Override
    void opened() {
        resume();
    }

    @Override
    void ready(int events) throws IOException {
        boolean hungUp = (events & SocketChannel.HANG_UP) != 0;
        if (hungUp || (events & IN) != 0) {
            isReadable = true;
            isHungUp |= hungUp;
            // The end is looked for even where no bytes are wanted: who waits for an answer may have gone.
            if (keepsNothing() && (isWanted() || isHungUp)) {
                read();
            }
        }
    }

    @Override
    boolean hasMore() {
        return isReadable;
    }

    @Override
    void receiveMore() throws IOException {
        if (isReadable && (isWanted() || isHungUp)) {
            read();
        }
    }

    @Override
    void paused() {
        // What is not received stays in the kernel.
    }

    /** Receives once; what is left comes after the other channels had their turn. */
    private void read() throws IOException {
        if (isEnded()) {
            return;
        }
        ByteBuf memory = owner.loop().receiveMemory().acquire();
        try {
            int count = owner.socket().recvAddress(memory.memoryAddress(), 0, ReceiveMemory.BYTES);
            if (count > 0) {
                // A receive that did not fill the memory has emptied the kernel's: the next bytes are a new event.
                isReadable = isHungUp || count == ReceiveMemory.BYTES;
                take(memory.writerIndex(count));
                if (isReadable && isWanted()) {
                    owner.loop().defer(owner);
                }
            } else {
                isReadable = false;
                if (count == 0) {
                    isHungUp = false;
                } else {
                    ended();
                }
            }
        } finally {
            memory.release();
        }
    }
}

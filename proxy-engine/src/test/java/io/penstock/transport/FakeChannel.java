package io.penstock.transport;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/** A channel whose peer is the test: it keeps the contract of {@link Channel}, with all events in the test's hand. */
public final class FakeChannel implements Channel {
    private final FakeLoop loop;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private ChannelHandler handler;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private byte[] kept = {};
    private boolean isOpened;
    private boolean isReceiving;
    private boolean isOutputFinished;
    private boolean isInputEnded;
    private boolean isEndOfInputTold;
    private boolean isCloseAsked;
    private boolean isGone;
    private boolean isAborted;
    private boolean isStalled;
    private boolean owesSendable;
    private boolean isInHandler;
    private int pending;

    FakeChannel(FakeLoop loop, InetSocketAddress local, InetSocketAddress remote, ChannelHandler handler) {
        this.loop = loop;
        this.local = local;
        this.remote = remote;
        this.handler = handler;
    }

    // ---- what the test does as the peer and the kernel

    /** The connection is made. */
    public void open() {
        isOpened = true;
        handler.opened(this);
        loop.run();
    }

    /** The channel is gone for this cause: the connection could not be made, or broke. */
    public void fail(CloseCause cause) {
        gone(cause);
        loop.run();
    }

    /** The peer sends text. */
    public void deliver(String text) {
        deliver(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The peer sends bytes. */
    public void deliver(byte[] bytes) {
        if (isGone) {
            return;
        }
        int before = kept.length;
        kept = Arrays.copyOf(kept, before + bytes.length);
        System.arraycopy(bytes, 0, kept, before, bytes.length);
        hand();
        loop.run();
    }

    /** The peer sends FIN. */
    public void endInput() {
        isInputEnded = true;
        hand();
        loop.run();
    }

    /** The kernel takes no output from now on. */
    public void stall() {
        isStalled = true;
    }

    /** The kernel takes so much of what is pending. */
    public void drain(int bytes) {
        pending = Math.max(0, pending - bytes);
        if (owesSendable && pending < LOW_WATER_BYTES) {
            owesSendable = false;
            handler.sendable(this);
        }
        if (isCloseAsked && pending == 0) {
            gone(CloseCause.OURS);
        }
        loop.run();
    }

    /** The kernel takes output again, and all that is pending. */
    public void unstall() {
        isStalled = false;
        drain(pending);
    }

    /** All that was sent since the last call of this. */
    public String sent() {
        String text = output.toString(StandardCharsets.ISO_8859_1);
        output.reset();
        return text;
    }

    public boolean isReceiving() {
        return isReceiving;
    }

    public boolean isFinished() {
        return isOutputFinished;
    }

    public boolean isAborted() {
        return isAborted;
    }

    /** Whether it was closed in order. */
    public boolean isClosed() {
        return isCloseAsked && !isAborted;
    }

    public int undelivered() {
        return kept.length;
    }

    private void hand() {
        while (isReceiving && kept.length > 0 && isOpen() && !isInHandler) {
            byte[] offered = kept;
            kept = new byte[0];
            isInHandler = true;
            int taken = handler.received(this, new FakeReceived(offered));
            isInHandler = false;
            if (taken < 0 || taken > offered.length) {
                throw new AssertionError("took " + taken + " of " + offered.length);
            }
            if (taken < offered.length) {
                isReceiving = false;
                kept = Arrays.copyOfRange(offered, taken, offered.length);
            }
        }
        if (isInputEnded && kept.length == 0 && !isEndOfInputTold && isOpen() && !isInHandler) {
            isEndOfInputTold = true;
            handler.endOfInput(this);
            closeIfFinished();
        }
    }

    private void closeIfFinished() {
        if (isEndOfInputTold && isOutputFinished) {
            gone(CloseCause.FINISHED);
        }
    }

    private void gone(CloseCause cause) {
        if (!isGone) {
            isGone = true;
            loop.post(() -> handler.closed(this, cause));
        }
    }

    private boolean canSend() {
        return !isGone && !isCloseAsked && !isOutputFinished;
    }

    // ---- the contract

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void handler(ChannelHandler next) {
        handler = next;
    }

    @Override
    public void receive(boolean wanted) {
        isReceiving = wanted;
        if (wanted) {
            loop.post(this::hand);
        }
    }

    @Override
    public void send(byte[] source, int offset, int length) {
        if (canSend()) {
            output.write(source, offset, length);
            pending += isStalled ? length : 0;
        }
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        byte[] bytes = new byte[length];
        source.getBytes(offset, bytes);
        send(bytes, 0, length);
    }

    @Override
    public void send(Received source, int offset, int length) {
        send(source.buffer(), offset, length);
    }

    @Override
    public boolean isSendable() {
        owesSendable |= pending >= HIGH_WATER_BYTES;
        return pending < HIGH_WATER_BYTES;
    }

    @Override
    public int pendingBytes() {
        return pending;
    }

    @Override
    public void finish() {
        isOutputFinished = true;
        closeIfFinished();
    }

    @Override
    public void close() {
        isCloseAsked = true;
        if (pending == 0) {
            gone(CloseCause.OURS);
        }
    }

    @Override
    public void abort() {
        if (!isGone) {
            isAborted = true;
            gone(CloseCause.OURS);
        }
    }

    @Override
    public boolean isOpen() {
        return isOpened && !isGone && !isCloseAsked;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }
}

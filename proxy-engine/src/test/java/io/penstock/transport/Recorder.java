package io.penstock.transport;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A handler that takes everything, or what it is told to, and remembers it; it fails where the contract of calls is broken. */
class Recorder implements ChannelHandler {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch sendable = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable CloseCause cause;
    private volatile @Nullable AssertionError broken;
    private boolean isInCall;
    private final boolean isWanting;

    /** Takes at most this much of each call. */
    int appetite = Integer.MAX_VALUE;

    Recorder() {
        this(true);
    }

    Recorder(boolean isWanting) {
        this.isWanting = isWanting;
    }

    void whenOpened(Channel channel) {}

    void whenReceived(Channel channel, Received received) {}

    void whenEnded(Channel channel) {}

    void whenSendable(Channel channel) {}

    private void enter(Channel channel) {
        check(channel.loop().isInLoop(), "on the loop");
        check(!isInCall, "not nested");
        check(cause == null, "nothing after closed");
        isInCall = true;
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            AssertionError error = new AssertionError("broken: " + what);
            broken = error;
            throw error;
        }
    }

    @Override
    public final void opened(Channel channel) {
        enter(channel);
        check(opened.getCount() == 1, "opened once");
        if (isWanting) {
            channel.receive(true);
        }
        whenOpened(channel);
        opened.countDown();
        isInCall = false;
    }

    @Override
    public final int received(Channel channel, Received received) {
        enter(channel);
        check(opened.getCount() == 0, "opened before received");
        check(ended.getCount() == 1, "no bytes after the end");
        check(received.length() > 0, "at least one byte");
        try {
            int taken = Math.min(appetite, received.length());
            byte[] copy = new byte[taken];
            received.buffer().getBytes(received.offset(), copy);
            synchronized (bytes) {
                bytes.write(copy, 0, taken);
            }
            whenReceived(channel, received);
            return taken;
        } finally {
            isInCall = false;
        }
    }

    @Override
    public final void endOfInput(Channel channel) {
        enter(channel);
        check(ended.getCount() == 1, "end of input once");
        whenEnded(channel);
        ended.countDown();
        isInCall = false;
    }

    @Override
    public final void sendable(Channel channel) {
        enter(channel);
        whenSendable(channel);
        sendable.countDown();
        isInCall = false;
    }

    @Override
    public final void closed(Channel channel, CloseCause why) {
        enter(channel);
        check(!channel.isOpen(), "not open when closed");
        cause = why;
        closed.countDown();
        isInCall = false;
    }

    int count() {
        synchronized (bytes) {
            return bytes.size();
        }
    }

    byte[] bytes() {
        synchronized (bytes) {
            return bytes.toByteArray();
        }
    }

    String text() {
        return new String(bytes(), StandardCharsets.US_ASCII);
    }

    void awaitOpened() throws InterruptedException {
        await(opened, "opened");
    }

    void awaitEnd() throws InterruptedException {
        await(ended, "end of input");
    }

    void awaitSendable() throws InterruptedException {
        await(sendable, "sendable");
    }

    CloseCause awaitClosed() throws InterruptedException {
        await(closed, "closed");
        return requireNonNull(cause);
    }

    boolean isEnded() {
        return ended.getCount() == 0;
    }

    boolean isOpened() {
        return opened.getCount() == 0;
    }

    private void await(CountDownLatch latch, String what) throws InterruptedException {
        boolean came = latch.await(Rig.TIMEOUT_S, TimeUnit.SECONDS);
        AssertionError error = broken;
        if (error != null) {
            throw error;
        }
        assertThat(came).as(what).isTrue();
    }
}

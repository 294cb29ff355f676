package io.penstock.worker;

import static java.util.Objects.requireNonNull;

import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.Loop;
import io.penstock.transport.Received;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A channel into a buffer that is written over and over; what is sent is copied there, as into what a system call would take. */
final class QuietChannel implements Channel {
    private static final InetSocketAddress LOCAL = new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
    private static final int OUTPUT_BYTES = 64 * 1024;

    private final Loop loop;
    private final InetSocketAddress remote;
    private final UnsafeBuffer output = new UnsafeBuffer(new byte[OUTPUT_BYTES]);
    private @Nullable ChannelHandler handler;
    private boolean isOpen;
    private int sent;

    QuietChannel(Loop loop, InetSocketAddress remote, @Nullable ChannelHandler handler) {
        this.loop = loop;
        this.remote = remote;
        this.handler = handler;
    }

    void open() {
        isOpen = true;
        requireNonNull(handler).opened(this);
    }

    /** The peer has sent this, which has to be taken whole. */
    void deliver(Received bytes) {
        int taken = requireNonNull(handler).received(this, bytes);
        if (taken != bytes.length()) {
            throw new IllegalStateException("took " + taken + " of " + bytes.length());
        }
    }

    /** How much was sent since this was asked last, in bytes. */
    int takeSent() {
        int bytes = sent;
        sent = 0;
        return bytes;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void handler(ChannelHandler next) {
        handler = next;
    }

    @Override
    public void receive(boolean wanted) {}

    @Override
    public void send(byte[] source, int offset, int length) {
        output.putBytes(sent, source, offset, length);
        sent += length;
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        output.putBytes(sent, source, offset, length);
        sent += length;
    }

    @Override
    public void send(Received source, int offset, int length) {
        send(source.buffer(), offset, length);
    }

    @Override
    public boolean isSendable() {
        return true;
    }

    @Override
    public int pendingBytes() {
        return 0;
    }

    @Override
    public void finish() {
        throw new IllegalStateException("finished");
    }

    @Override
    public void close() {
        throw new IllegalStateException("closed");
    }

    @Override
    public void abort() {
        throw new IllegalStateException("aborted");
    }

    @Override
    public boolean isOpen() {
        return isOpen;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public InetSocketAddress localAddress() {
        return LOCAL;
    }
}

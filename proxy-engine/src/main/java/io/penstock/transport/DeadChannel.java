package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.net.InetSocketAddress;
import org.agrona.DirectBuffer;

/** A channel for which the system had no socket: it was never open, and tells so once. */
@WorkerConfined
final class DeadChannel implements Channel {
    private static final InetSocketAddress UNNAMED = new InetSocketAddress(0);

    private final Loop loop;
    private ChannelHandler handler;

    DeadChannel(Loop loop, ChannelHandler handler, CloseCause cause) {
        this.loop = loop;
        this.handler = handler;
        loop.post(() -> this.handler.closed(this, cause));
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void handler(ChannelHandler handler) {
        this.handler = handler;
    }

    @Override
    public void receive(boolean wanted) {}

    @Override
    public void send(byte[] source, int offset, int length) {}

    @Override
    public void send(DirectBuffer source, int offset, int length) {}

    @Override
    public void send(Received source, int offset, int length) {}

    @Override
    public boolean isSendable() {
        return true;
    }

    @Override
    public int pendingBytes() {
        return 0;
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}

    @Override
    public void abort() {}

    @Override
    public boolean isOpen() {
        return false;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return UNNAMED;
    }

    @Override
    public InetSocketAddress localAddress() {
        return UNNAMED;
    }
}

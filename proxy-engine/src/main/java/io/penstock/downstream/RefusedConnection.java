package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;

/** A connection that is ended as soon as it is open, without a word. */
@WorkerConfined
final class RefusedConnection extends SocketConnection {
    private final ListenerSlot slot;
    private final Channel channel;

    RefusedConnection(ListenerSlot slot, Channel channel) {
        this.slot = slot;
        this.channel = channel;
    }

    @Override
    public void opened(Channel opened) {
        opened.abort();
    }

    @Override
    public int received(Channel from, Received bytes) {
        return bytes.length();
    }

    @Override
    public void endOfInput(Channel from) {}

    @Override
    public void sendable(Channel from) {}

    @Override
    public void closed(Channel from, CloseCause cause) {
        slot.closed(this);
    }

    @Override
    void drainConnection() {
        cut();
    }

    @Override
    void cut() {
        channel.abort();
    }
}

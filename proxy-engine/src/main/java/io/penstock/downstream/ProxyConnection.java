package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.proxy.ProxiedChannel;

/** A connection of a trusted peer until its PROXY header is read; then what speaks the listener's protocol takes its place. */
@WorkerConfined
final class ProxyConnection extends SocketConnection implements ProxiedChannel.Behind {
    private final DownstreamContext context;
    private final ListenerSlot slot;
    private final Channel channel;
    private final ProxiedChannel proxied;
    private boolean isDraining;

    ProxyConnection(DownstreamContext context, ListenerSlot slot, Channel channel, boolean isRequired) {
        this.context = context;
        this.slot = slot;
        this.channel = channel;
        this.proxied = new ProxiedChannel(channel, isRequired, this);
    }

    // ---- from the header ----

    @Override
    public ChannelHandler begin(ProxiedChannel over) {
        context.counters().add(Counter.PROXY_HEADERS);
        SocketConnection connection = slot.serve(over);
        slot.became(this, connection);
        // From now on the header's reader is only a pair of addresses.
        channel.handler(over);
        if (isDraining) {
            // After it has heard that it is open.
            context.loop().post(connection::drainConnection);
        }
        return connection.ofSocket();
    }

    @Override
    public void refused(Reason reason) {
        slot.refused(reason);
    }

    @Override
    public void gone() {
        slot.closed(this);
    }

    // ---- from the slot ----

    @Override
    void drainConnection() {
        // Its header is due in a moment.
        isDraining = true;
    }

    @Override
    void cut() {
        channel.abort();
    }

    // ---- from the channel ----

    @Override
    public void opened(Channel opened) {
        proxied.opened(opened);
    }

    @Override
    public int received(Channel from, Received bytes) {
        return proxied.received(from, bytes);
    }

    @Override
    public void endOfInput(Channel from) {
        proxied.endOfInput(from);
    }

    @Override
    public void sendable(Channel from) {
        proxied.sendable(from);
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        proxied.closed(from, cause);
    }
}

package io.penstock.downstream;

import io.penstock.config.Protocol;
import io.penstock.exchange.Tunnel;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import io.penstock.transport.tls.ClientHello;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection that is passed on as it is. On a listener for TLS its hello is read first, as far as it takes to
 * know whom it is for, and passed on with the rest.
 */
@WorkerConfined
final class PassthroughConnection extends SocketConnection implements WriteTimer.Output {
    private static final byte[] NONE = {};

    private final DownstreamContext context;
    private final ListenerSlot slot;
    private final Channel channel;
    private final HelloBound bound = new HelloBound();
    private final WriteTimer write;

    /** What has come of a hello; empty where none is waited for. */
    private byte[] hello = NONE;

    /** Null until it is known whom the connection is for. */
    private @Nullable Tunnel tunnel;

    private boolean isOver;

    PassthroughConnection(DownstreamContext context, ListenerSlot slot, Channel channel) {
        this.context = context;
        this.slot = slot;
        this.channel = channel;
        this.write = new WriteTimer(this, context.wheel());
    }

    // ---- from the channel ----

    @Override
    public void opened(Channel opened) {
        if (slot.current().config().protocol() == Protocol.TLS) {
            context.wheel()
                    .arm(
                            bound,
                            context.nowNs()
                                    + slot.current()
                                            .config()
                                            .timeouts()
                                            .tlsHandshake()
                                            .toNanos());
            channel.receive(true);
        } else {
            begin(null, NONE);
        }
    }

    @Override
    public int received(Channel from, Received bytes) {
        Tunnel passing = tunnel;
        if (passing != null) {
            return passing.received(bytes);
        }
        if (!isOver) {
            int before = hello.length;
            hello = Arrays.copyOf(hello, before + bytes.length());
            bytes.buffer().getBytes(bytes.offset(), hello, before, bytes.length());
            readHello();
        }
        return bytes.length();
    }

    private void readHello() {
        ClientHello read = ClientHello.read(ByteBuffer.wrap(hello));
        switch (read.state()) {
            case PARTIAL -> {}
            case COMPLETE -> {
                byte[] first = hello;
                hello = NONE;
                channel.receive(false);
                begin(read.serverName(), first);
            }
            case TOO_LONG, MALFORMED -> refuse(Reason.CLIENT_HELLO_INVALID);
        }
    }

    private void begin(@Nullable String serverName, byte[] first) {
        context.wheel().disarm(bound);
        Tunnel begun = context.exchanges().tunnel(slot.current(), channel, this::tunnelEnded);
        tunnel = begun;
        begun.begin(serverName, first);
    }

    // The channel closes when the client has taken what is left, which it might never do.
    private void tunnelEnded() {
        write.begin(context.nowNs(), slot.current().writeProgressTimeoutNs());
    }

    @Override
    public int pendingBytes() {
        return channel.pendingBytes();
    }

    @Override
    public void writeTimeout() {
        channel.abort();
    }

    private void refuse(Reason why) {
        isOver = true;
        hello = NONE;
        context.wheel().disarm(bound);
        slot.refused(why);
        channel.abort();
    }

    @Override
    public void endOfInput(Channel from) {
        Tunnel passing = tunnel;
        if (passing != null) {
            passing.endOfInput();
        } else if (!isOver) {
            isOver = true;
            context.wheel().disarm(bound);
            channel.close();
        }
    }

    @Override
    public void sendable(Channel from) {
        Tunnel passing = tunnel;
        if (passing != null) {
            passing.clientSendable();
        }
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        context.wheel().disarm(bound);
        Tunnel passing = tunnel;
        if (passing != null) {
            passing.clientGone();
        }
        write.end();
        slot.closed(this);
    }

    // ---- from the slot ----

    @Override
    void drainConnection() {
        // It ends by itself, or with the worker: nobody here knows what would be a good moment.
    }

    @Override
    void cut() {
        Tunnel passing = tunnel;
        if (passing != null && !passing.hasEnded()) {
            passing.close(Reason.DRAINING);
        } else {
            channel.abort();
        }
    }

    private final class HelloBound extends Timer {
        @Override
        protected void expired(long nowNs) {
            refuse(Reason.CLIENT_HELLO_TIMEOUT);
        }
    }
}

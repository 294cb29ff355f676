package io.penstock.transport.tls;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Loop;
import io.penstock.transport.Received;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The side of a handshake that speaks first, to a server that was connected to. */
@WorkerConfined
public final class ClientSide implements TlsSide {
    private final ClientContext context;
    private final Loop loop;
    private final String host;
    private final int port;
    private final long untilNs;
    private @Nullable TlsFacts facts;
    private @Nullable PeerFault fault;
    private boolean isLate;

    private ClientSide(ClientContext context, Loop loop, String host, int port, long untilNs) {
        this.context = context;
        this.loop = loop;
        this.host = host;
        this.port = port;
        this.untilNs = untilNs;
    }

    /** A channel in the making, and what becomes of its handshake. */
    public record Begun(TlsChannel channel, ClientSide side) {}

    /**
     * Connects and shakes hands; the handler hears {@code opened} when both are done, or {@code closed}.
     *
     * @param host of the server, for its name
     * @param timeoutNs how long both may take together
     * @param first told of the connection before the handshake, to send what goes ahead of it in clear
     */
    public static Begun connect(
            Loop loop,
            InetSocketAddress address,
            long timeoutNs,
            ClientContext context,
            String host,
            TlsMemory memory,
            Consumer<Channel> first,
            ChannelHandler handler) {
        ClientSide side = new ClientSide(context, loop, host, address.getPort(), loop.nowNs() + timeoutNs);
        Relay relay = new Relay(first);
        TlsChannel channel = new TlsChannel(loop.connect(address, timeoutNs, relay), memory, side);
        channel.handler(handler);
        relay.to = channel;
        return new Begun(channel, side);
    }

    @Override
    public long handshakeTimeoutNs() {
        return Math.max(1, untilNs - loop.nowNs());
    }

    @Override
    public SSLEngine begin() {
        return context.newEngine(host, port);
    }

    @Override
    public @Nullable SSLEngine answer(ByteBuffer hello) throws SSLException {
        throw new SSLException("a client does not answer");
    }

    @Override
    public void done(SSLEngine engine) {
        facts = TlsFacts.of(engine, null);
    }

    @Override
    public void failed(TlsFailure kind, SSLException why) {
        isLate = kind == TlsFailure.TIMEOUT;
        fault = PeerFault.of(why);
    }

    /** What both agreed on; null before the handshake is done. */
    public @Nullable TlsFacts facts() {
        return facts;
    }

    /** Why there was no handshake; null if nothing was wrong with it, or it was not done in time. */
    public @Nullable PeerFault fault() {
        return isLate ? null : fault;
    }

    /** Whether the handshake was not done in time. */
    public boolean isLate() {
        return isLate;
    }

    /** Hands events on to a channel that cannot be made before the one below it. */
    private static final class Relay implements ChannelHandler {
        private final Consumer<Channel> first;
        private @Nullable ChannelHandler to;

        Relay(Consumer<Channel> first) {
            this.first = first;
        }

        private ChannelHandler to() {
            ChannelHandler next = to;
            if (next == null) {
                throw new IllegalStateException("a channel told something while it was being made");
            }
            return next;
        }

        @Override
        public void opened(Channel channel) {
            first.accept(channel);
            to().opened(channel);
        }

        @Override
        public int received(Channel channel, Received bytes) {
            return to().received(channel, bytes);
        }

        @Override
        public void endOfInput(Channel channel) {
            to().endOfInput(channel);
        }

        @Override
        public void sendable(Channel channel) {
            to().sendable(channel);
        }

        @Override
        public void closed(Channel channel, CloseCause cause) {
            to().closed(channel, cause);
        }
    }
}

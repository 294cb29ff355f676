package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicResetTokenGenerator;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.netty.util.AttributeKey;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.quic.AddressTokens;
import io.penstock.transport.quic.ConnectionIds;
import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicBounds;
import io.penstock.transport.quic.QuicCertificate;
import io.penstock.transport.quic.QuicHandler;
import io.penstock.transport.quic.QuicService;
import io.penstock.transport.tls.ServerContext;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A UDP socket whose packets go through Netty's QUIC codec. What comes for a connection of another loop, whose peer has moved to
 * another address, or of a process whose place this one has taken, is passed on there ({@link PacketsForOthers}) by the number
 * in its connection's id.
 */
@WorkerConfined
final class NettyQuicService extends ChannelInboundHandlerAdapter implements QuicService, QuicServices.Door {
    private static final Logger LOG = LoggerFactory.getLogger(NettyQuicService.class);

    private static final AttributeKey<NettyQuicConnection> CONNECTION =
            AttributeKey.valueOf(NettyQuicService.class, "connection");

    private static final int PACKET_BYTES_MAX = Transport.PACKET_BYTES_MAX;
    private static final int PACKETS_PER_READ = 16;
    private static final int SEGMENTS_MAX = 16;

    /** A loop asks peers to show that their address is their own while it has so many handshakes under way. */
    private static final int HANDSHAKES_UNASKED_MAX = 64;

    private final NettyLoop loop;
    private final NettyDatagramSocket socket;
    private final QuicServices services;
    private final QuicBounds bounds;
    private final QuicAcceptor acceptor;
    private final io.netty.channel.Channel channel;
    private final int number;
    private final ConnectionIds ids;
    private final PacketsForOthers forOthers;
    private long unique;
    private @Nullable ServerContext beginningOf;
    private @Nullable QuicSslContext beginning;
    private int handshakes;
    private int connections;
    private @Nullable PacketInbox inbox;
    private boolean isClosed;

    NettyQuicService(NettyLoop loop, NettyDatagramSocket socket, QuicBounds bounds, QuicAcceptor acceptor)
            throws BindRefused {
        this.loop = loop;
        this.socket = socket;
        this.services = socket.services();
        this.ids = services.ids();
        this.bounds = bounds;
        this.acceptor = acceptor;
        this.forOthers = new PacketsForOthers(loop, acceptor, PACKETS_PER_READ);
        this.channel = socket.take();
        this.number = services.enter(this);
    }

    void begin() {
        boolean isEpoll = channel instanceof EpollDatagramChannel;
        channel.config().setAutoRead(false);
        channel.config().setAllocator(loop.allocator());
        if (isEpoll) {
            channel.config().setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PACKET_BYTES_MAX);
        }
        channel.config()
                .setRecvByteBufAllocator(
                        new FixedRecvByteBufAllocator(isEpoll ? PACKET_BYTES_MAX * PACKETS_PER_READ : PACKET_BYTES_MAX)
                                .maxMessagesPerRead(PACKETS_PER_READ));
        QuicServerCodecBuilder codec = new QuicServerCodecBuilder()
                .sslEngineProvider(this::engine)
                .localConnectionIdLength(ConnectionIds.BYTES)
                .connectionIdAddressGenerator(new Ids())
                .resetTokenGenerator(QuicResetTokenGenerator.signGenerator())
                .tokenHandler(new Tokens())
                .maxIdleTimeout(bounds.idleTimeoutMs(), TimeUnit.MILLISECONDS)
                .maxRecvUdpPayloadSize(PACKET_BYTES_MAX)
                .maxSendUdpPayloadSize(PACKET_BYTES_MAX)
                .discoverPmtu(true)
                .initialMaxData(bounds.windowBytes())
                .initialMaxStreamDataBidirectionalRemote(bounds.streamWindowBytes())
                .initialMaxStreamDataUnidirectional(bounds.streamWindowBytes())
                .initialMaxStreamsBidirectional(bounds.streams())
                .initialMaxStreamsUnidirectional(UNI_STREAMS)
                .activeMigration(true)
                .activeConnectionIdLimit(ACTIVE_IDS)
                .streamHandler(new Streams());
        if (isEpoll && EpollDatagramChannel.isSegmentedDatagramPacketSupported()) {
            codec.option(
                    QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                    EpollQuicUtils.newSegmentedAllocator(SEGMENTS_MAX));
        }
        channel.pipeline().addLast(this, codec.build());
        channel.closeFuture().addListener(closed -> closed());
        loop.register(channel);
        channel.config().setAutoRead(true);
    }

    /** Control stream and two of field compression; a few more for kinds that nobody knows. */
    private static final int UNI_STREAMS = 8;

    /** Ids that a peer may have in reserve for other paths. */
    private static final int ACTIVE_IDS = 4;

    // ---- packets ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        QuicServices.Door owner = ownerOf(packet.content());
        if (owner == this) {
            context.fireChannelRead(packet);
        } else {
            forOthers.add(packet, owner);
        }
    }

    private QuicServices.Door ownerOf(ByteBuf packet) {
        int length = packet.readableBytes();
        int from = packet.readerIndex();
        if (length <= ConnectionIds.BYTES) {
            return this;
        }
        int at = ConnectionIds.offsetIn(packet.getByte(from), packet.getByte(from + 5), length);
        if (at < 0) {
            return this;
        }
        long found = ids.numberOf(
                packet.getLongLE(from + at), packet.getIntLE(from + at + 8), packet.getIntLE(from + at + 12));
        if (found == number || found == ConnectionIds.FOREIGN) {
            return this;
        }
        QuicServices.Door owner = services.of(found);
        return owner == null ? this : owner;
    }

    @Override
    public int handOver(DatagramPacket[] packets, int count, Runnable taken) {
        try {
            loop.post(() -> {
                take(packets, count);
                taken.run();
            });
            return count;
        } catch (RejectedExecutionException stopped) {
            LOG.debug("the owner of {} packets has stopped", count, stopped);
            return 0;
        }
    }

    /** Takes packets of its connections that came another way. */
    void take(DatagramPacket[] packets, int count) {
        ChannelHandlerContext context = channel.pipeline().context(this);
        for (int i = 0; i < count; i++) {
            if (context == null || isClosed) {
                packets[i].release();
            } else {
                context.fireChannelRead(packets[i]);
            }
        }
        if (context != null && !isClosed) {
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        forOthers.handOver();
        context.fireChannelReadComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        // Such as an ICMP message that somebody is not there: whoever it concerns times out.
        LOG.debug("{} has met an error", channel, failure);
    }

    // ---- connections ----

    private QuicSslEngine engine(QuicChannel made) {
        ServerContext any = acceptor.shown(null);
        NettyQuicConnection connection = new NettyQuicConnection(loop, this, made);
        QuicHandler owner = isClosed || any == null ? null : acceptor.accepted(connection);
        if (owner == null || any == null) {
            throw new Refused();
        }
        made.attr(CONNECTION).set(connection);
        made.pipeline().addLast(connection);
        handshakes++;
        connections++;
        connection.begin(owner, acceptor.handshakeTimeoutNs());
        QuicCertificate certificate = any.quic().orElseThrow();
        QuicSslContext begun = beginning;
        if (begun == null || beginningOf != any) {
            begun = certificate.beginning(this::shown);
            beginning = begun;
            beginningOf = any;
        }
        certificate.begins(begun);
        return begun.newEngine(loop.allocator());
    }

    private QuicSslContext shown(@Nullable String name) {
        // What stands for any name is there, or the handshake would not have begun.
        return Objects.requireNonNull(acceptor.shown(name == null ? null : name.toLowerCase(Locale.ROOT)))
                .quic()
                .orElseThrow()
                .context();
    }

    void handshakeEnded() {
        handshakes--;
    }

    /** A connection is gone, and its owner knows. */
    void left() {
        connections--;
        if (connections == 0 && isClosed) {
            loop.left(this);
        }
    }

    // ---- at a restart ----

    @Override
    public CompletableFuture<Void> reads(boolean isReading) {
        return onLoop(() -> {
                    if (!isClosed) {
                        channel.config().setAutoRead(isReading);
                    }
                    return Optional.<Void>empty();
                })
                .thenAccept(done -> {});
    }

    @Override
    public CompletableFuture<Optional<PacketWay>> way() {
        return onLoop(() -> {
            if (isClosed) {
                return Optional.empty();
            }
            PacketInbox open = inbox;
            if (open == null) {
                open = PacketInbox.open(loop, this, (InetSocketAddress) channel.localAddress());
                inbox = open;
            }
            return Optional.of(new PacketWay(number, services.secrets(), open.way()));
        });
    }

    private <T> CompletableFuture<Optional<T>> onLoop(Callable<Optional<T>> task) {
        CompletableFuture<Optional<T>> answer = new CompletableFuture<>();
        try {
            loop.post(() -> {
                try {
                    answer.complete(task.call());
                } catch (Exception failed) {
                    answer.completeExceptionally(failed);
                }
            });
        } catch (RejectedExecutionException stopped) {
            LOG.debug("the loop of {} has stopped", channel, stopped);
            answer.complete(Optional.empty());
        }
        return answer;
    }

    // ---- for its owner ----

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            services.leave(number);
            closeInbox();
            channel.unsafe().close(channel.voidPromise());
        }
    }

    private void closeInbox() {
        PacketInbox open = inbox;
        if (open != null) {
            inbox = null;
            open.close();
        }
    }

    private void closed() {
        isClosed = true;
        closeInbox();
        services.leave(number);
        socket.released();
        if (connections == 0) {
            loop.left(this);
        }
    }

    /** Says that a packet begins no connection; Netty drops it then. Without a trace, since it costs nothing so. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused() {
            super("refused", null, false, false);
        }
    }

    private final class Ids implements QuicConnectionIdGenerator {
        @Override
        public ByteBuffer newId(int length) {
            return ByteBuffer.wrap(ids.make(number, unique++));
        }

        @Override
        public ByteBuffer newId(ByteBuffer input, int length) {
            return newId(length);
        }

        @Override
        public ByteBuffer newId(ByteBuffer source, ByteBuffer destination, int length) {
            return newId(length);
        }

        @Override
        public int maxConnectionIdLength() {
            return ConnectionIds.BYTES;
        }

        @Override
        public boolean isIdempotent() {
            return false;
        }
    }

    private final class Tokens implements QuicTokenHandler {
        @Override
        public boolean writeToken(ByteBuf out, ByteBuf destinationId, InetSocketAddress peer) {
            if (handshakes < HANDSHAKES_UNASKED_MAX) {
                return false;
            }
            byte[] id = new byte[destinationId.readableBytes()];
            destinationId.getBytes(destinationId.readerIndex(), id);
            out.writeBytes(services.tokens().make(id, peer, System.currentTimeMillis()));
            acceptor.addressAsked();
            return true;
        }

        @Override
        public int validateToken(ByteBuf token, InetSocketAddress peer) {
            byte[] octets = new byte[token.readableBytes()];
            token.getBytes(token.readerIndex(), octets);
            return services.tokens().isGood(octets, peer, System.currentTimeMillis()) ? AddressTokens.ID_OFFSET : -1;
        }

        @Override
        public int maxTokenLength() {
            return AddressTokens.BYTES_MAX;
        }
    }

    /** Makes a stream of ours of each that a peer begins. */
    @io.netty.channel.ChannelHandler.Sharable
    private static final class Streams extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            QuicStreamChannel stream = (QuicStreamChannel) context.channel();
            Objects.requireNonNull(stream.parent().attr(CONNECTION).get()).stream(stream);
        }
    }
}

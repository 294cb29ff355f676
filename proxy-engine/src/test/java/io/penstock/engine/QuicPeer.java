package io.penstock.engine;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import io.penstock.http.ByteBuilder;
import io.penstock.http3.FrameTypes;
import io.penstock.http3.QpackDecoder;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;

/** A client of QUIC, by the client's half of Netty's codec, that says on its streams whatever a test wants. */
final class QuicPeer implements AutoCloseable {
    private static final int TIMEOUT_S = 20;
    private static final int WINDOW_BYTES = 1 << 24;
    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    private final Channel socket;
    private final QuicChannel connection;
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final CompletableFuture<Stream> control = new CompletableFuture<>();

    /** A stream of one side or the other. */
    static final class Stream extends ChannelInboundHandlerAdapter {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private @Nullable QuicStreamChannel channel;
        private @Nullable ChannelFuture last;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = (QuicStreamChannel) context.channel();
        }

        private QuicStreamChannel channel() {
            QuicStreamChannel open = channel;
            if (open == null) {
                throw new IllegalStateException("not open yet");
            }
            return open;
        }

        Stream send(byte[] sent) {
            last = channel().writeAndFlush(Unpooled.wrappedBuffer(sent));
            return this;
        }

        Stream end() {
            // The codec would let it overtake what waits for room.
            ChannelFuture before = last;
            if (before == null) {
                shutDown();
            } else {
                before.addListener(sent -> shutDown());
            }
            return this;
        }

        private void shutDown() {
            channel().shutdownOutput().addListener(QuicPeer::ignore);
        }

        /** Sends and ends its side in one frame. */
        Stream sendLast(byte[] sent) {
            channel()
                    .writeAndFlush(new DefaultQuicStreamFrame(Unpooled.wrappedBuffer(sent), true))
                    .addListener(QuicPeer::ignore);
            return this;
        }

        /** Resets its side and wants no more of the other's. */
        void reset(int code) {
            channel().shutdown(code).addListener(QuicPeer::ignore);
        }

        /** All that came, once the other side has ended; fails with {@link QuicStreamResetException} where it was reset. */
        byte[] read() throws Exception {
            return whole.get(TIMEOUT_S, TimeUnit.SECONDS);
        }

        /** What came so far. */
        synchronized byte[] readSoFar() {
            return bytes.toByteArray();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf part = (ByteBuf) message;
            synchronized (this) {
                bytes.writeBytes(ByteBufUtil.getBytes(part));
            }
            part.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                whole.complete(readSoFar());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            whole.completeExceptionally(new IllegalStateException("the connection has ended"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            whole.completeExceptionally(failure);
        }
    }

    /** A response as its stream brought it. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Answer(String head, byte[] body, String trailers) {
        int status() {
            return Integer.parseInt(head.substring(":status: ".length(), ":status: ".length() + 3));
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private final class Accepted extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Stream made = new Stream();
            context.pipeline().addLast(made);
            control.complete(made);
        }
    }

    private final class Events extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof QuicConnectionCloseEvent end) {
                closed.complete(end.error());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed.complete(-1);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            closed.complete(-1);
        }
    }

    /** Connects; {@code name} is asked for where it is not empty. */
    static QuicPeer connect(int port, String name, @Nullable KeyManagerFactory own) throws Exception {
        return new QuicPeer(port, name, own, new NioDatagramChannel());
    }

    static QuicPeer connect(int port) throws Exception {
        return connect(port, "shop.example", null);
    }

    private QuicPeer(int port, String name, @Nullable KeyManagerFactory own, NioDatagramChannel made) throws Exception {
        QuicSslContextBuilder tls = QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols("h3");
        if (own != null) {
            tls.keyManager(own, null);
        }
        var context = tls.build();
        socket = new Bootstrap()
                .group(LOOPS)
                .channelFactory(() -> made)
                .handler(new QuicClientCodecBuilder()
                        .sslEngineProvider(quic -> name.isEmpty()
                                ? context.newEngine(quic.alloc())
                                : context.newEngine(quic.alloc(), name, port))
                        .maxIdleTimeout(TIMEOUT_S, TimeUnit.SECONDS)
                        .initialMaxData(WINDOW_BYTES)
                        .initialMaxStreamDataBidirectionalLocal(WINDOW_BYTES)
                        .initialMaxStreamDataUnidirectional(WINDOW_BYTES)
                        .initialMaxStreamsUnidirectional(3)
                        .build())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        try {
            connection = QuicChannel.newBootstrap(socket)
                    .handler(new Events())
                    .streamHandler(new Accepted())
                    .remoteAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .connect()
                    .get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (Exception failed) {
            socket.close().addListener(QuicPeer::ignore);
            throw failed;
        }
    }

    private static void ignore(Future<?> future) {}

    QuicChannel connection() {
        return connection;
    }

    /** The stream on which the server says what it wants of all. */
    Stream control() throws Exception {
        return control.get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    /** With which code the server has ended the connection; -1 where it just went. */
    int closed() throws Exception {
        return closed.get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    boolean isOpen() {
        return connection.isOpen();
    }

    /** Begins a stream on which both sides speak. */
    Stream open() throws Exception {
        return open(QuicStreamType.BIDIRECTIONAL);
    }

    Stream open(QuicStreamType type) throws Exception {
        Stream made = new Stream();
        connection.createStream(type, made).get(TIMEOUT_S, TimeUnit.SECONDS);
        return made;
    }

    /** Says what a client has to say at first. */
    QuicPeer settings() throws Exception {
        open(QuicStreamType.UNIDIRECTIONAL).send(new byte[] {0, 4, 0});
        return this;
    }

    /** A request without body. */
    Stream get(String path) throws Exception {
        return open().sendLast(headers(head("GET", path)));
    }

    /** The answer to what was asked on a stream. */
    static Answer answer(Stream stream) throws Exception {
        return answer(stream.read());
    }

    static Answer answer(byte[] all) {
        String head = "";
        StringBuilder trailers = new StringBuilder();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int at = 0; at < all.length; ) {
            int type = all[at++];
            int length = number(all, at);
            at += 1 << ((all[at] >> 6) & 3);
            byte[] payload = Arrays.copyOfRange(all, at, at + length);
            at += length;
            if (type == FrameTypes.DATA) {
                body.writeBytes(payload);
            } else if (head.isEmpty() || head.startsWith(":status: 1")) {
                head = fields(payload);
            } else {
                trailers.append(fields(payload));
            }
        }
        return new Answer(head, body.toByteArray(), trailers.toString());
    }

    private static int number(byte[] all, int at) {
        int octets = 1 << ((all[at] >> 6) & 3);
        int value = all[at] & 0x3f;
        for (int i = 1; i < octets; i++) {
            value = value << 8 | (all[at + i] & 0xff);
        }
        return value;
    }

    private static String fields(byte[] section) {
        ByteBuilder region = new ByteBuilder(64);
        StringBuilder lines = new StringBuilder();
        boolean isRead = new QpackDecoder()
                .decode(
                        section,
                        0,
                        section.length,
                        region,
                        1 << 20,
                        (name, nameLength, value, valueLength) -> lines.append(
                                        new String(region.array(), name, nameLength, StandardCharsets.ISO_8859_1))
                                .append(": ")
                                .append(new String(region.array(), value, valueLength, StandardCharsets.ISO_8859_1))
                                .append('\n'));
        return isRead ? lines.toString() : "unreadable";
    }

    /** The lines of a request's head, and more of them. */
    static String head(String method, String path, String... more) {
        return ":method: " + method + "\n:scheme: https\n:authority: shop.example\n:path: " + path + "\n"
                + String.join("\n", more);
    }

    /** A HEADERS frame of lines. */
    static byte[] headers(String lines) {
        return frame(FrameTypes.HEADERS, section(lines));
    }

    static byte[] data(String body) {
        return frame(FrameTypes.DATA, body.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] frame(long type, byte[] payload) {
        ByteBuilder out = new ByteBuilder(payload.length + 16);
        FrameTypes.header(type, payload.length, out);
        out.append(payload);
        return Arrays.copyOf(out.array(), out.length());
    }

    // Literals with literal names, RFC 9204 section 4.5.6, without Huffman's code.
    private static byte[] section(String lines) {
        ByteBuilder out = new ByteBuilder(256);
        out.append((byte) 0).append((byte) 0);
        for (String line : lines.lines().toList()) {
            if (!line.isEmpty()) {
                int colon = line.indexOf(": ", 1);
                integer(0x20, 3, colon, out);
                out.append(line.substring(0, colon));
                integer(0, 7, line.length() - colon - 2, out);
                out.append(line.substring(colon + 2));
            }
        }
        return Arrays.copyOf(out.array(), out.length());
    }

    private static void integer(int pattern, int bits, int value, ByteBuilder out) {
        int mask = (1 << bits) - 1;
        if (value < mask) {
            out.append((byte) (pattern | value));
            return;
        }
        out.append((byte) (pattern | mask));
        int rest = value - mask;
        for (; rest >= 0x80; rest >>>= 7) {
            out.append((byte) (rest | 0x80));
        }
        out.append((byte) rest);
    }

    @Override
    public void close() {
        connection.close(true, 0x100, Unpooled.EMPTY_BUFFER).syncUninterruptibly();
        socket.close().syncUninterruptibly();
    }
}

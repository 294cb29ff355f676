package io.penstock.perf.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The upstream of a run that has no other: a small answer to whatever is asked, after N milliseconds if the path ends in
 * {@code /delay/N}, and an echo to WebSockets. A process of its own: {@code Origin HOST PORT [broken]}; broken, it errs and dawdles, so that gates fail.
 */
final class Origin {
    private static final ByteBuf ANSWER = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
                    "{\"id\":1,\"name\":\"widget\",\"price\":12.5,\"tags\":[\"a\",\"b\"],\"stock\":42}",
                    StandardCharsets.US_ASCII))
            .asReadOnly();
    private static final String DELAY = "/delay/";
    private static final String WEBSOCKETS = "/load/websocket";
    private static final int DELAY_MS_MAX = 60_000;
    private static final int BROKEN_DELAY_MS = 1_500;
    private static final int BACKLOG = 4_096;

    private Origin() {}

    public static void main(String[] arguments) throws InterruptedException {
        boolean isBroken = arguments.length > 2 && arguments[2].equals("broken");
        AtomicInteger turns = new AtomicInteger();
        Channel listening = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new Openings(isBroken, turns),
                                        new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                                                .websocketPath(WEBSOCKETS)
                                                .checkStartsWith(true)
                                                .build()),
                                        new Echo(isBroken, turns),
                                        new Answers(isBroken, turns));
                    }
                })
                .bind(arguments[0], Integer.parseInt(arguments[1]))
                .sync()
                .channel();
        System.out.println("ready " + ((InetSocketAddress) listening.localAddress()).getPort());
        listening.closeFuture().sync();
    }

    /** Lets requests for WebSockets pass; broken, not all of them and half of them late. */
    private static final class Openings extends ChannelInboundHandlerAdapter {
        private final boolean isBroken;
        private final AtomicInteger turns;
        private boolean isLate;

        Openings(boolean isBroken, AtomicInteger turns) {
            this.isBroken = isBroken;
            this.turns = turns;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object part) {
            boolean isOpening = isBroken
                    && part instanceof HttpRequest request
                    && request.uri().startsWith(WEBSOCKETS);
            int turn = isOpening ? turns.incrementAndGet() : 1;
            if (turn % 3 == 0) {
                var _ = context.writeAndFlush(Answers.answer(HttpResponseStatus.INTERNAL_SERVER_ERROR))
                        .addListener(ChannelFutureListener.CLOSE);
                return;
            }
            isLate |= turn % 2 == 0;
            if (isLate) {
                // Of the same delay each, so that what comes behind it stays there.
                var _ = context.executor().schedule(() -> pass(context, part), BROKEN_DELAY_MS, TimeUnit.MILLISECONDS);
            } else {
                pass(context, part);
            }
        }

        private static void pass(ChannelHandlerContext context, Object part) {
            var _ = context.fireChannelRead(part);
        }
    }

    /** Gives each text back; broken, not all of them and half of them late. */
    private static final class Echo extends SimpleChannelInboundHandler<TextWebSocketFrame> {
        private final boolean isBroken;
        private final AtomicInteger turns;

        Echo(boolean isBroken, AtomicInteger turns) {
            this.isBroken = isBroken;
            this.turns = turns;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
            int turn = isBroken ? turns.incrementAndGet() : 1;
            String text = turn % 3 == 0 ? "broken" : frame.text();
            var _ = context.executor()
                    .schedule(() -> give(context, text), turn % 2 == 0 ? BROKEN_DELAY_MS : 0, TimeUnit.MILLISECONDS);
        }

        private static void give(ChannelHandlerContext context, String text) {
            var _ = context.writeAndFlush(new TextWebSocketFrame(text));
        }
    }

    /** One of each connection. */
    private static final class Answers extends SimpleChannelInboundHandler<HttpObject> {
        private final boolean isBroken;
        private final AtomicInteger turns;
        private boolean isKept;
        private int delayMs;

        Answers(boolean isBroken, AtomicInteger turns) {
            this.isBroken = isBroken;
            this.turns = turns;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpRequest request) {
                isKept = HttpUtil.isKeepAlive(request);
                delayMs = delayMs(request.uri());
            }
            if (part instanceof LastHttpContent) {
                int turn = isBroken ? turns.incrementAndGet() : 1;
                FullHttpResponse answer =
                        answer(turn % 3 == 0 ? HttpResponseStatus.INTERNAL_SERVER_ERROR : HttpResponseStatus.OK);
                int waitMs = delayMs + (turn % 2 == 0 ? BROKEN_DELAY_MS : 0);
                boolean keep = isKept;
                if (waitMs == 0) {
                    send(context, answer, keep);
                } else {
                    var _ = context.executor()
                            .schedule(() -> send(context, answer, keep), waitMs, TimeUnit.MILLISECONDS);
                }
            }
        }

        private static void send(ChannelHandlerContext context, FullHttpResponse answer, boolean keep) {
            HttpUtil.setKeepAlive(answer, keep);
            var sent = context.writeAndFlush(answer);
            if (!keep) {
                sent.addListener(ChannelFutureListener.CLOSE);
            }
        }

        private static FullHttpResponse answer(HttpResponseStatus status) {
            FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, ANSWER.duplicate());
            answer.headers().set("Content-Type", "application/json").set("Content-Length", ANSWER.readableBytes());
            return answer;
        }

        private static int delayMs(String path) {
            int at = path.lastIndexOf(DELAY);
            return at < 0 ? 0 : Math.min(DELAY_MS_MAX, Integer.parseInt(path.substring(at + DELAY.length())));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }
}

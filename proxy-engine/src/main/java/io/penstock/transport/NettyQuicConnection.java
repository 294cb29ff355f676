package io.penstock.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.quic.QuicConnection;
import io.penstock.transport.quic.QuicEnd;
import io.penstock.transport.quic.QuicHandler;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection of Netty's QUIC codec, which is a channel there, as {@link QuicConnection}. */
@WorkerConfined
final class NettyQuicConnection extends ChannelInboundHandlerAdapter implements QuicConnection {
    private static final Logger LOG = LoggerFactory.getLogger(NettyQuicConnection.class);

    private static final InetSocketAddress UNNAMED = new InetSocketAddress(0);

    private final NettyLoop loop;
    private final NettyQuicService service;
    private final QuicChannel channel;
    private final HandshakeTimer timer = new HandshakeTimer();
    private InetSocketAddress remoteAddress;
    private final InetSocketAddress localAddress;
    private @Nullable QuicHandler handler;
    private @Nullable QuicEnd end;
    private @Nullable String serverName;
    private boolean isOpened;
    private boolean isTold;

    NettyQuicConnection(NettyLoop loop, NettyQuicService service, QuicChannel channel) {
        this.loop = loop;
        this.service = service;
        this.channel = channel;
        remoteAddress = addressOf(channel.remoteSocketAddress());
        localAddress = addressOf(channel.localSocketAddress());
    }

    private static InetSocketAddress addressOf(@Nullable Object address) {
        return address instanceof InetSocketAddress inet ? inet : UNNAMED;
    }

    NettyLoop loop() {
        return loop;
    }

    void begin(QuicHandler owner, long handshakeTimeoutNs) {
        handler = owner;
        loop.wheel().arm(timer, loop.nowNs() + handshakeTimeoutNs);
        channel.closeFuture().addListener(closed -> gone());
    }

    private QuicHandler handler() {
        QuicHandler owner = handler;
        if (owner == null) {
            throw new IllegalStateException("nobody has accepted " + this);
        }
        return owner;
    }

    /** The peer has begun a stream, whose channel is being set up. */
    void stream(QuicStreamChannel stream) {
        new NettyQuicStream(this, stream, DeafHandler.TURNED_AWAY).adopt(new Acceptor() {
            @Override
            public Loop owner() {
                return loop;
            }

            @Override
            public ChannelHandler accepted(Channel made) {
                return handler().stream((NettyQuicStream) made);
            }
        });
    }

    // ---- from the codec ----

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        switch (event) {
            case SniCompletionEvent named ->
                serverName = named.hostname() == null ? null : named.hostname().toLowerCase(Locale.ROOT);
            case SslHandshakeCompletionEvent done -> handshakeDone(done);
            case QuicConnectionCloseEvent closed -> ends(QuicEnd.PEER);
            case QuicPathEvent.PeerMigrated moved -> {
                remoteAddress = moved.remote();
                if (isOpened) {
                    loop.post(() -> handler().moved(this));
                }
            }
            default -> {}
        }
    }

    private void handshakeDone(SslHandshakeCompletionEvent done) {
        if (!done.isSuccess()) {
            LOG.debug("the handshake with {} failed", remoteAddress, done.cause());
            ends(QuicEnd.HANDSHAKE_FAILED);
        } else if (!isOpened) {
            isOpened = true;
            loop.wheel().disarm(timer);
            service.handshakeEnded();
            handler().opened(this, TlsFacts.ofQuic(Objects.requireNonNull(channel.sslEngine()), serverName));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (failure instanceof SSLException) {
            ends(QuicEnd.HANDSHAKE_FAILED);
        } else if (failure instanceof RuntimeException || failure instanceof Error) {
            LOG.error("a handler of {} failed; the connection is dropped", this, failure);
            close(0, "");
        } else {
            ends(isOpened ? QuicEnd.PROTOCOL : QuicEnd.HANDSHAKE_FAILED);
        }
        LOG.debug("{} has met an error", this, failure);
    }

    private void ends(QuicEnd cause) {
        if (end == null) {
            end = cause;
        }
    }

    private void gone() {
        if (!isTold) {
            isTold = true;
            loop.wheel().disarm(timer);
            if (!isOpened) {
                service.handshakeEnded();
            }
            ends(channel.isTimedOut() ? (isOpened ? QuicEnd.SILENCE : QuicEnd.HANDSHAKE_TIMEOUT) : QuicEnd.PEER);
            QuicEnd cause = end == null ? QuicEnd.PEER : end;
            QuicHandler owner = handler();
            // Behind what its streams have to tell.
            loop.post(() -> loop.post(() -> {
                owner.closed(cause);
                service.left();
            }));
        }
    }

    // ---- for its owner ----

    @Override
    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public void openStream(ChannelHandler owner) {
        channel.createStream(QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter() {
                    @Override
                    public void handlerAdded(ChannelHandlerContext context) {
                        new NettyQuicStream(NettyQuicConnection.this, (QuicStreamChannel) context.channel(), owner)
                                .adopt(new Own(owner));
                    }
                })
                .addListener(made -> {
                    if (!made.isSuccess()) {
                        // It may have no more streams than the peer allows, and the protocols need few.
                        LOG.debug("{} has no stream for us", this, made.cause());
                        close(0, "no stream");
                    }
                });
    }

    private final class Own implements Acceptor {
        private final ChannelHandler handler;

        Own(ChannelHandler handler) {
            this.handler = handler;
        }

        @Override
        public Loop owner() {
            return loop;
        }

        @Override
        public ChannelHandler accepted(Channel made) {
            return handler;
        }
    }

    @Override
    public void close(long code, String reason) {
        ends(QuicEnd.OURS);
        if (channel.isOpen()) {
            channel.close(isOpened, (int) code, Unpooled.copiedBuffer(reason, StandardCharsets.US_ASCII))
                    .addListener(NettyQuicStream::ignore);
        }
    }

    @Override
    public boolean isOpen() {
        return end == null && channel.isOpen();
    }

    @Override
    public String toString() {
        return channel.toString();
    }

    private final class HandshakeTimer extends Timer {
        @Override
        protected void expired(long nowNs) {
            ends(QuicEnd.HANDSHAKE_TIMEOUT);
            if (channel.isRegistered()) {
                channel.close(false, 0, Unpooled.EMPTY_BUFFER).addListener(NettyQuicStream::ignore);
            } else {
                // The library did not take it after all, and tells nobody.
                gone();
            }
        }
    }
}

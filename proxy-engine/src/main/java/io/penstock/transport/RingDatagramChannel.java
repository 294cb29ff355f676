package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DatagramSocketAddress;
import io.netty.channel.unix.Socket;
import io.netty.util.ReferenceCountUtil;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket as a channel of Netty's on a loop whose {@link io.penstock.transport.ring.RingHandler} only polls for it: one that
 * Netty has of its own wants memory of Netty's epoll handler. Each packet is one call of the system, either way.
 */
@WorkerConfined
final class RingDatagramChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(true, 16);

    /** Packets that one turn takes at most, so that other sockets have theirs. */
    private static final int PACKETS_PER_TURN = 64;

    private static final EpollIoOps NOTHING = EpollIoOps.NONE;
    private static final EpollIoOps INPUT = EpollIoOps.EPOLLIN;

    private final Socket socket;
    private final InetSocketAddress local;
    private final int packetBytesMax;
    private final ChannelConfig config = new Config();
    private @Nullable IoRegistration registration;
    private boolean isReadWanted;
    private boolean isWriteAwaited;

    /** Over a socket that is bound. */
    RingDatagramChannel(Socket socket, int packetBytesMax) {
        super(null);
        this.socket = socket;
        this.local = socket.localAddress();
        this.packetBytesMax = packetBytesMax;
    }

    /** Its descriptor, for another process. */
    int descriptor() {
        return socket.intValue();
    }

    private final class Config extends DefaultChannelConfig {
        Config() {
            super(RingDatagramChannel.this);
        }

        @Override
        protected void autoReadCleared() {
            // On its loop: what comes from here on is another's.
            isReadWanted = false;
            watch();
        }
    }

    private final class Watched implements EpollIoHandle {
        @Override
        public Socket fd() {
            return socket;
        }

        @Override
        public void handle(IoRegistration registered, IoEvent event) {
            int events = ((EpollIoEvent) event).ops().value();
            if (isWriteAwaited && (events & EpollIoOps.EPOLLOUT.value()) != 0) {
                isWriteAwaited = false;
                unsafe().flush();
            }
            if (isReadWanted && (events & ~EpollIoOps.EPOLLOUT.value()) != 0) {
                read0();
            }
            watch();
        }

        @Override
        public void close() {
            unsafe().close(voidPromise());
        }
    }

    private void watch() {
        IoRegistration made = registration;
        if (made != null && made.isValid()) {
            EpollIoOps wanted = isReadWanted ? INPUT : NOTHING;
            made.submit(isWriteAwaited ? wanted.with(EpollIoOps.EPOLLOUT) : wanted);
        }
    }

    private void read0() {
        IOException failure = null;
        isReadWanted = false;
        try {
            for (int i = 0; i < PACKETS_PER_TURN && isOpen(); i++) {
                DatagramPacket packet = receive();
                if (packet == null) {
                    break;
                }
                pipeline().fireChannelRead(packet);
            }
        } catch (IOException e) {
            // Such as the word of another machine that nobody is there.
            failure = e;
        }
        pipeline().fireChannelReadComplete();
        if (failure != null) {
            pipeline().fireExceptionCaught(failure);
        }
    }

    private @Nullable DatagramPacket receive() throws IOException {
        ByteBuf buffer = config.getAllocator().directBuffer(packetBytesMax, packetBytesMax);
        try {
            DatagramSocketAddress from = socket.recvFromAddress(buffer.memoryAddress(), 0, packetBytesMax);
            if (from == null) {
                return null;
            }
            buffer.writerIndex(from.receivedAmount());
            return new DatagramPacket(buffer.retain(), local, from);
        } finally {
            buffer.release();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer queue) throws Exception {
        for (Object next = queue.current(); next != null; next = queue.current()) {
            DatagramPacket packet = (DatagramPacket) next;
            ByteBuf content = packet.content();
            if (!content.isReadable()) {
                queue.remove();
                continue;
            }
            InetSocketAddress to = packet.recipient();
            int sent;
            try {
                sent = socket.sendToAddress(
                        content.memoryAddress(),
                        content.readerIndex(),
                        content.writerIndex(),
                        to.getAddress(),
                        to.getPort());
            } catch (IOException lost) {
                // As if it had been lost on the way, which it may be at any time.
                queue.remove(lost);
                continue;
            }
            if (sent == 0) {
                isWriteAwaited = true;
                watch();
                return;
            }
            queue.remove();
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof DatagramPacket packet && packet.content().hasMemoryAddress()) {
            return message;
        }
        ReferenceCountUtil.touch(message);
        throw new UnsupportedOperationException("only packets in native memory are sent");
    }

    @Override
    protected void doBeginRead() {
        isReadWanted = true;
        watch();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop()).register(new Watched()).addListener(made -> {
            if (made.isSuccess()) {
                registration = (IoRegistration) made.getNow();
                promise.setSuccess();
            } else {
                promise.setFailure(made.cause());
            }
        });
    }

    @Override
    protected void doDeregister() {
        IoRegistration made = registration;
        if (made != null) {
            registration = null;
            made.cancel();
        }
    }

    @Override
    protected void doClose() throws Exception {
        doDeregister();
        socket.close();
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("it is bound");
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("it has no peer of its own"));
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isCompatible(Watched.class);
    }

    @Override
    protected SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return isOpen();
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}

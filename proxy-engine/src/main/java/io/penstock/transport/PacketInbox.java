package io.penstock.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Socket;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the process that reads a service's socket passes on what comes for the service's own connections. On its loop. */
@WorkerConfined
final class PacketInbox implements EpollIoHandle {
    private static final Logger LOG = LoggerFactory.getLogger(PacketInbox.class);

    /** Packets that one turn takes at most, so that other sockets have theirs. */
    private static final int PACKETS_PER_TURN = 64;

    private final NettyLoop loop;
    private final NettyQuicService service;
    private final InetSocketAddress local;
    private final PacketPipe pipe;
    private @Nullable IoRegistration registration;
    private boolean isClosed;

    private PacketInbox(NettyLoop loop, NettyQuicService service, InetSocketAddress local, PacketPipe pipe) {
        this.loop = loop;
        this.service = service;
        this.local = local;
        this.pipe = pipe;
    }

    /** Opens one for packets to an address. */
    static PacketInbox open(NettyLoop loop, NettyQuicService service, InetSocketAddress local) throws IOException {
        PacketInbox made = new PacketInbox(loop, service, local, PacketPipe.open());
        loop.register(made).addListener(registered -> {
            if (registered.isSuccess()) {
                made.begin((IoRegistration) registered.getNow());
            } else {
                LOG.warn("packets of connections that this process keeps cannot be read", registered.cause());
            }
        });
        return made;
    }

    private void begin(IoRegistration registered) {
        registration = registered;
        if (isClosed) {
            close();
        } else {
            registered.submit(EpollIoOps.EPOLLIN);
        }
    }

    /** The end for the other process. */
    Socket way() {
        return pipe.out();
    }

    @Override
    public Socket fd() {
        return pipe.in();
    }

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
        DatagramPacket[] packets = new DatagramPacket[PACKETS_PER_TURN];
        int count = 0;
        try {
            for (int i = 0; i < PACKETS_PER_TURN && !isClosed; i++) {
                DatagramPacket packet = PassedPackets.read(pipe.in(), local, loop.allocator());
                if (packet == null) {
                    break;
                }
                packets[count++] = packet;
            }
        } catch (IOException failed) {
            LOG.debug("what another process passes on cannot be read", failed);
        }
        service.take(packets, count);
        if (!isClosed) {
            registered.submit(EpollIoOps.EPOLLIN);
        }
    }

    @Override
    public void close() {
        isClosed = true;
        IoRegistration registered = registration;
        if (registered != null) {
            registration = null;
            registered.cancel();
        }
        try {
            pipe.close();
        } catch (IOException failed) {
            LOG.debug("a pipe of packets could not be closed", failed);
        }
    }
}

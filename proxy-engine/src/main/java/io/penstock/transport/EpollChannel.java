package io.penstock.transport;

import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A channel whose bytes go by one call of the system each way, when epoll has told of them.
 *
 * <p>Events are edge-triggered (epoll(7)): whoever does not want bytes leaves them in the kernel, which costs no call, and
 * remembers that there were some. Room for output is asked for only while some waits, since Netty makes an object of an event that
 * tells of input and of room.
 */
@WorkerConfined
final class EpollChannel extends SocketChannel {
    private static final EpollIoOps INPUT =
            EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP).with(EpollIoOps.EPOLLET);

    private static final EpollIoOps INPUT_AND_OUTPUT = INPUT.with(EpollIoOps.EPOLLOUT);

    private final EpollInput input;
    private final SocketOutput output;
    private boolean isOutputWatched;

    EpollChannel(NettyLoop loop, Socket socket, ChannelHandler handler) {
        super(loop, socket, handler);
        input = new EpollInput(this);
        output = new SocketOutput(this);
    }

    @Override
    SocketInput input() {
        return input;
    }

    @Override
    SocketOutput output() {
        return output;
    }

    @Override
    EpollIoOps watched() {
        return isOutputWatched ? INPUT_AND_OUTPUT : INPUT;
    }

    @Override
    void watchOutput(boolean wanted) {
        if (wanted != isOutputWatched) {
            isOutputWatched = wanted;
            watch();
        }
    }

    @Override
    void closeSocket(Socket socket, @Nullable IoRegistration registered) throws IOException {
        try {
            socket.close();
        } finally {
            if (registered != null) {
                // After the socket, which takes it out of the kernel's set by itself.
                registered.cancel();
            }
        }
    }
}

package io.penstock.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Forwards bytes between its clients and one backend, on one loop, with a backend connection for each client's. It is the least
 * that a gateway on these channels can cost; measured beside one written in C it shows what the channels themselves cost.
 *
 * <p>{@code java -cp ... io.penstock.transport.ByteForwarder TRANSPORT PORT BACKEND-PORT}
 */
public final class ByteForwarder {
    private static final long CONNECT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int BACKLOG = 1024;

    private ByteForwarder() {}

    /** Runs until the process is ended. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("wanted: TRANSPORT PORT BACKEND-PORT, for example auto 18080 19000");
        }
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Transport transport = Transport.open(TransportChoice.parse(arguments[0].toLowerCase(Locale.ROOT)));
        InetSocketAddress address = new InetSocketAddress(loopback, Integer.parseInt(arguments[1]));
        InetSocketAddress backend = new InetSocketAddress(loopback, Integer.parseInt(arguments[2]));
        BoundSocket socket = transport.bind(address, 1, BACKLOG).getFirst();
        Loop loop = transport.newLoop("forwarder");
        loop.post(() -> loop.accept(socket, new Acceptor() {
            @Override
            public Loop owner() {
                return loop;
            }

            @Override
            public ChannelHandler accepted(Channel client) {
                return new Side(loop.connect(backend, CONNECT_TIMEOUT_NS, new Side(client)));
            }
        }));
        System.out.println("ready on " + transport);
        Thread.currentThread().join();
    }

    /** One end of a pair; hands everything to the other, and takes nothing while the other cannot be sent to. */
    private static final class Side implements ChannelHandler {
        private final Channel other;

        Side(Channel other) {
            this.other = other;
        }

        @Override
        public void opened(Channel channel) {
            channel.receive(true);
        }

        @Override
        public int received(Channel channel, Received bytes) {
            other.send(bytes, bytes.offset(), bytes.length());
            if (!other.isSendable()) {
                channel.receive(false);
            }
            return bytes.length();
        }

        @Override
        public void endOfInput(Channel channel) {
            other.finish();
        }

        @Override
        public void sendable(Channel channel) {
            other.receive(true);
        }

        @Override
        public void closed(Channel channel, CloseCause cause) {
            other.close();
        }
    }
}

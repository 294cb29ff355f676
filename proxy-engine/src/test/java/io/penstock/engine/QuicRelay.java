package io.penstock.engine;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Stands between a client of QUIC and a gateway, keeps what the client says, and may keep the gateway's answers to itself. */
final class QuicRelay implements AutoCloseable {
    private static final int PACKET_BYTES_MAX = 2000;

    private final DatagramSocket front = open();
    private final DatagramSocket back = open();
    private final SocketAddress gateway;
    private final boolean isMute;
    private final List<byte[]> sent = new CopyOnWriteArrayList<>();
    private final AtomicLong bytesSent = new AtomicLong();
    private final AtomicLong bytesAnswered = new AtomicLong();
    private volatile @Nullable SocketAddress client;

    /** @param isMute whether answers are swallowed */
    QuicRelay(int port, boolean isMute) throws IOException {
        this.gateway = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.isMute = isMute;
        Thread.ofPlatform().daemon().start(() -> pass(front, true));
        Thread.ofPlatform().daemon().start(() -> pass(back, false));
    }

    private static DatagramSocket open() throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    int port() {
        return front.getLocalPort();
    }

    /** What clients sent, packet by packet. */
    List<byte[]> sent() {
        return sent;
    }

    long bytesSent() {
        return bytesSent.get();
    }

    long bytesAnswered() {
        return bytesAnswered.get();
    }

    private void pass(DatagramSocket from, boolean isClients) {
        byte[] buffer = new byte[PACKET_BYTES_MAX];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                from.receive(packet);
                byte[] octets = Arrays.copyOf(buffer, packet.getLength());
                SocketAddress known = client;
                if (isClients) {
                    client = packet.getSocketAddress();
                    sent.add(octets);
                    bytesSent.addAndGet(octets.length);
                    back.send(new DatagramPacket(octets, octets.length, gateway));
                } else {
                    bytesAnswered.addAndGet(octets.length);
                    if (!isMute && known != null) {
                        front.send(new DatagramPacket(octets, octets.length, known));
                    }
                }
            }
        } catch (IOException closed) {
            // It is over.
            return;
        }
    }

    @Override
    public void close() {
        front.close();
        back.close();
    }
}

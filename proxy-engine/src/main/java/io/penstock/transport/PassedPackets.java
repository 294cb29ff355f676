package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Packets on their way between processes: how many octets the sender's address has (4 or 16), these, four of its scope, two of its
 * port, and what it sent.
 */
final class PassedPackets {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int HEADER_BYTES_MAX = 1 + IPV6_BYTES + Integer.BYTES + Short.BYTES;
    private static final int BYTES_MAX = HEADER_BYTES_MAX + Transport.PACKET_BYTES_MAX;

    private PassedPackets() {}

    /** Any thread. @return false where there is no room for it on the way @throws IOException if nobody is there */
    static boolean tryWrite(Socket to, DatagramPacket packet, ByteBufAllocator allocator) throws IOException {
        ByteBuf content = packet.content();
        ByteBuf out = allocator.directBuffer(HEADER_BYTES_MAX + content.readableBytes());
        try {
            InetAddress address = packet.sender().getAddress();
            byte[] octets = address.getAddress();
            out.writeByte(octets.length).writeBytes(octets);
            out.writeInt(address instanceof Inet6Address six ? six.getScopeId() : 0);
            out.writeShort(packet.sender().getPort());
            out.writeBytes(content, content.readerIndex(), content.readableBytes());
            return to.writeAddress(out.memoryAddress(), 0, out.writerIndex()) > 0;
        } finally {
            out.release();
        }
    }

    /** Whether somebody is there to read: one octet is written, which {@link #read} passes over. */
    static boolean isHeard(Socket to, ByteBufAllocator allocator) {
        ByteBuf out = allocator.directBuffer(1).writeByte(0);
        try {
            // Nothing written means that it is full, and not that nobody is there.
            to.writeAddress(out.memoryAddress(), 0, 1);
            return true;
        } catch (IOException gone) {
            return false;
        } finally {
            out.release();
        }
    }

    /** The next one, as if it had come to {@code local}; null where there is none that makes sense. */
    static @Nullable DatagramPacket read(Socket from, InetSocketAddress local, ByteBufAllocator allocator)
            throws IOException {
        ByteBuf in = allocator.directBuffer(BYTES_MAX, BYTES_MAX);
        try {
            int count = from.readAddress(in.memoryAddress(), 0, BYTES_MAX);
            in.writerIndex(Math.max(0, count));
            InetSocketAddress sender = sender(in);
            // The codec looks for a packet at a buffer's beginning.
            return sender == null ? null : new DatagramPacket(in.readRetainedSlice(in.readableBytes()), local, sender);
        } finally {
            in.release();
        }
    }

    private static @Nullable InetSocketAddress sender(ByteBuf in) throws UnknownHostException {
        if (!in.isReadable()) {
            return null;
        }
        int length = in.readByte();
        if ((length != IPV4_BYTES && length != IPV6_BYTES)
                || in.readableBytes() < length + Integer.BYTES + Short.BYTES) {
            return null;
        }
        byte[] octets = new byte[length];
        in.readBytes(octets);
        int scope = in.readInt();
        InetAddress address = length == IPV6_BYTES
                ? Inet6Address.getByAddress(null, octets, scope)
                : InetAddress.getByAddress(octets);
        return new InetSocketAddress(address, in.readUnsignedShort());
    }
}

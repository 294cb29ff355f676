package io.penstock.transport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A DNS server on loopback that knows what it is told, and is silent about names it shall be silent about. */
final class FakeDnsServer implements AutoCloseable {
    private static final int TYPE_A = 1;
    private static final int NO_ERROR = 0x8180;
    private static final int SERVFAIL = 0x8182;
    private static final int NXDOMAIN = 0x8183;

    private final DatagramSocket socket;
    private final Map<String, List<DnsAddress>> names = new ConcurrentHashMap<>();
    private final Map<String, Boolean> silent = new ConcurrentHashMap<>();
    private final Map<String, Boolean> failing = new ConcurrentHashMap<>();

    FakeDnsServer() throws IOException {
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofPlatform().daemon().name("fake-dns").start(this::serve);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    void put(String name, DnsAddress... addresses) {
        names.put(name, List.of(addresses));
    }

    void beSilentAbout(String name) {
        silent.put(name, true);
    }

    void failFor(String name) {
        failing.put(name, true);
    }

    private void serve() {
        byte[] buffer = new byte[4096];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] answer = answer(new DataInputStream(new ByteArrayInputStream(buffer, 0, packet.getLength())));
                if (answer.length > 0) {
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private byte[] answer(DataInputStream query) throws IOException {
        int id = query.readUnsignedShort();
        query.readNBytes(10);
        ByteArrayOutputStream rawName = new ByteArrayOutputStream();
        StringBuilder name = new StringBuilder();
        for (int length = query.read(); length > 0; length = query.read()) {
            byte[] label = query.readNBytes(length);
            rawName.write(length);
            rawName.write(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        rawName.write(0);
        int type = query.readUnsignedShort();
        String asked = name.toString();
        if (silent.containsKey(asked)) {
            return new byte[0];
        }
        List<DnsAddress> known = names.get(asked);
        List<DnsAddress> matching = new ArrayList<>();
        if (known != null) {
            for (DnsAddress address : known) {
                if ((address.address().getAddress().length == 4) == (type == TYPE_A)) {
                    matching.add(address);
                }
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(id);
        out.writeShort(failing.containsKey(asked) ? SERVFAIL : known == null ? NXDOMAIN : NO_ERROR);
        out.writeShort(1);
        out.writeShort(matching.size());
        out.writeInt(0);
        out.write(rawName.toByteArray());
        out.writeShort(type);
        out.writeShort(1);
        for (DnsAddress address : matching) {
            out.writeShort(0xC00C);
            out.writeShort(type);
            out.writeShort(1);
            out.writeInt((int) address.ttlSeconds());
            out.writeShort(address.address().getAddress().length);
            out.write(address.address().getAddress());
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}

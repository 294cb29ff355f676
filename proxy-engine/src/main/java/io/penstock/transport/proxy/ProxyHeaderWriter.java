package io.penstock.transport.proxy;

import io.penstock.config.ProxyVersion;
import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes PROXY headers, of version 1 or 2 (HAProxy's proxy-protocol.txt). Once for each connection that gets one, so that it may
 * allocate.
 */
public final class ProxyHeaderWriter {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int UNSPECIFIED = 0;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    /** Of a text that another says only so much is told on. */
    private static final int TEXT_BYTES_MAX = 255;

    private ProxyHeaderWriter() {}

    /** The header of a connection of our own, which no client is behind. */
    public static byte[] local(ProxyVersion version) {
        return switch (version) {
            case V1 -> latin("PROXY UNKNOWN\r\n");
            case V2 -> binary(LOCAL, UNSPECIFIED, new ByteArrayOutputStream());
        };
    }

    /** The header of a connection for a client; one that says nothing of addresses is {@link #local}. */
    public static byte[] write(ProxyVersion version, ProxyHeader header) {
        InetSocketAddress source = header.source();
        InetSocketAddress destination = header.destination();
        if (source == null || destination == null) {
            return local(version);
        }
        return version == ProxyVersion.V1 ? line(source, destination) : binary(header, source, destination);
    }

    // Version 1 says nothing of addresses of two families (section 2.1).
    private static byte[] line(InetSocketAddress source, InetSocketAddress destination) {
        if (isV4(source) != isV4(destination)) {
            return latin("PROXY UNKNOWN\r\n");
        }
        return latin("PROXY " + (isV4(source) ? "TCP4 " : "TCP6 ")
                + source.getAddress().getHostAddress() + ' '
                + destination.getAddress().getHostAddress() + ' ' + source.getPort() + ' ' + destination.getPort()
                + "\r\n");
    }

    private static byte[] binary(ProxyHeader header, InetSocketAddress source, InetSocketAddress destination) {
        boolean isV4 = isV4(source) && isV4(destination);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(source, isV4));
        out.writeBytes(bytes(destination, isV4));
        writeShort(out, source.getPort());
        writeShort(out, destination.getPort());
        value(out, ProxyBinary.ALPN, header.alpn());
        value(out, ProxyBinary.AUTHORITY, utf8(header.authority()));
        value(out, ProxyBinary.UNIQUE_ID, header.uniqueId());
        ProxyHeader.Tls tls = header.tls();
        if (tls != null) {
            value(out, ProxyBinary.SSL, tls(tls));
        }
        return binary(PROXY, isV4 ? ProxyBinary.TCP_OVER_V4 : ProxyBinary.TCP_OVER_V6, out);
    }

    private static byte[] tls(ProxyHeader.Tls tls) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ProxyBinary.CLIENT_CAME_BY_SSL | (tls.isVerified() ? ProxyBinary.CLIENT_SHOWED_CERTIFICATE : 0));
        // Four bytes that are zero where the client's certificate was found good (section 2.2.6).
        out.writeBytes(new byte[] {0, 0, 0, (byte) (tls.isVerified() ? 0 : 1)});
        value(out, ProxyBinary.SSL_VERSION, utf8(tls.version()));
        value(out, ProxyBinary.SSL_COMMON_NAME, utf8(tls.commonName()));
        value(out, ProxyBinary.SSL_CIPHER, utf8(tls.cipher()));
        return out.toByteArray();
    }

    private static byte[] binary(int command, int family, ByteArrayOutputStream content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        out.write(command);
        out.write(family);
        writeShort(out, content.size());
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static void value(ByteArrayOutputStream out, int type, byte[] content) {
        if (content.length > 0) {
            out.write(type);
            writeShort(out, content.length);
            out.writeBytes(content);
        }
    }

    private static void writeShort(ByteArrayOutputStream out, int value) {
        out.write(value >> 8);
        out.write(value);
    }

    private static boolean isV4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }

    // An IPv4 address beside one of IPv6 is written in its mapped form (RFC 4291 section 2.5.5.2).
    private static byte[] bytes(InetSocketAddress address, boolean isV4) {
        byte[] own = address.getAddress().getAddress();
        if (own.length == (isV4 ? IPV4_BYTES : IPV6_BYTES)) {
            return own;
        }
        byte[] mapped = new byte[IPV6_BYTES];
        Arrays.fill(mapped, IPV6_BYTES - IPV4_BYTES - 2, IPV6_BYTES - IPV4_BYTES, (byte) 0xff);
        System.arraycopy(own, 0, mapped, IPV6_BYTES - IPV4_BYTES, IPV4_BYTES);
        return mapped;
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length > TEXT_BYTES_MAX ? Arrays.copyOf(bytes, TEXT_BYTES_MAX) : bytes;
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}

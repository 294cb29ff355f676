package io.penstock.transport.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The header of version 2 (section 2.2): addresses, then types, lengths and values. */
final class ProxyBinary {
    static final int FIXED_BYTES = 16;
    static final int TCP_OVER_V4 = 0x11;
    static final int TCP_OVER_V6 = 0x21;
    static final int ALPN = 0x01;
    static final int AUTHORITY = 0x02;
    static final int CHECKSUM = 0x03;
    static final int UNIQUE_ID = 0x05;
    static final int SSL = 0x20;
    static final int SSL_VERSION = 0x21;
    static final int SSL_COMMON_NAME = 0x22;
    static final int SSL_CIPHER = 0x23;
    static final int CLIENT_CAME_BY_SSL = 1;
    static final int CLIENT_SHOWED_CERTIFICATE = 2;

    private static final int UNIX_BYTES = 216;
    private static final int UNIQUE_ID_BYTES_MAX = 128;
    private static final int HEAD_BYTES = 3;
    private static final int SSL_FIXED_BYTES = 5;
    private static final byte[] NONE = {};

    private final byte[] bytes;
    private final int end;
    private byte[] alpn = NONE;
    private String authority = "";
    private byte[] uniqueId = NONE;
    private ProxyHeader.@Nullable Tls tls;

    private ProxyBinary(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    /** A complete header; null where it is none. */
    static @Nullable ProxyHeader read(byte[] bytes, int length) {
        boolean isLocal = bytes[12] == 0x20;
        return isLocal ? ProxyHeader.NOTHING : new ProxyBinary(bytes, length).read();
    }

    private @Nullable ProxyHeader read() {
        int family = bytes[13] & 0xff;
        int addressBytes = switch (family >> 4) {
            case 1 -> 4;
            case 2 -> 16;
            default -> 0;
        };
        int behind = FIXED_BYTES + (family >> 4 == 3 ? UNIX_BYTES : addressBytes == 0 ? 0 : 2 * addressBytes + 4);
        if (behind > end || !readValues(behind)) {
            return null;
        }
        boolean isTcp = family == TCP_OVER_V4 || family == TCP_OVER_V6;
        return new ProxyHeader(
                isTcp ? address(FIXED_BYTES, addressBytes, FIXED_BYTES + 2 * addressBytes) : null,
                isTcp ? address(FIXED_BYTES + addressBytes, addressBytes, FIXED_BYTES + 2 * addressBytes + 2) : null,
                alpn,
                authority,
                uniqueId,
                tls);
    }

    private InetSocketAddress address(int at, int length, int portAt) {
        try {
            InetAddress ip = InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + length));
            return new InetSocketAddress(ip, unsignedShort(portAt));
        } catch (UnknownHostException never) {
            throw new IllegalStateException("an address has 4 or 16 bytes", never);
        }
    }

    private boolean readValues(int from) {
        int at = from;
        while (at < end) {
            if (end - at < HEAD_BYTES || end - at - HEAD_BYTES < unsignedShort(at + 1)) {
                return false;
            }
            int length = unsignedShort(at + 1);
            if (!readValue(bytes[at] & 0xff, at + HEAD_BYTES, length)) {
                return false;
            }
            at += HEAD_BYTES + length;
        }
        return true;
    }

    private boolean readValue(int type, int at, int length) {
        switch (type) {
            case ALPN -> alpn = Arrays.copyOfRange(bytes, at, at + length);
            case AUTHORITY -> authority = text(at, length);
            case UNIQUE_ID -> {
                uniqueId = Arrays.copyOfRange(bytes, at, at + length);
                return length <= UNIQUE_ID_BYTES_MAX;
            }
            case CHECKSUM -> {
                return length == Integer.BYTES && isIntact(at);
            }
            case SSL -> {
                return readTls(at, length);
            }
            // Those of others, which section 2.2.7 lets pass.
            default -> {}
        }
        return true;
    }

    // Section 2.2.2: of the whole header, with the checksum itself as zeros.
    private boolean isIntact(int at) {
        byte[] whole = Arrays.copyOf(bytes, end);
        Arrays.fill(whole, at, at + Integer.BYTES, (byte) 0);
        CRC32C sum = new CRC32C();
        sum.update(whole);
        int found = (unsignedShort(at) << 16) | unsignedShort(at + 2);
        return (int) sum.getValue() == found;
    }

    // Section 2.2.6.
    private boolean readTls(int at, int length) {
        if (length < SSL_FIXED_BYTES) {
            return false;
        }
        int client = bytes[at];
        boolean isVerified = (unsignedShort(at + 1) | unsignedShort(at + 3)) == 0;
        String version = "";
        String commonName = "";
        String cipher = "";
        int stop = at + length;
        int part = at + SSL_FIXED_BYTES;
        while (part < stop) {
            if (stop - part < HEAD_BYTES || stop - part - HEAD_BYTES < unsignedShort(part + 1)) {
                return false;
            }
            int partBytes = unsignedShort(part + 1);
            String text = text(part + HEAD_BYTES, partBytes);
            switch (bytes[part] & 0xff) {
                case SSL_VERSION -> version = text;
                case SSL_COMMON_NAME -> commonName = text;
                case SSL_CIPHER -> cipher = text;
                default -> {}
            }
            part += HEAD_BYTES + partBytes;
        }
        if ((client & CLIENT_CAME_BY_SSL) != 0) {
            tls = new ProxyHeader.Tls(
                    isVerified && (client & CLIENT_SHOWED_CERTIFICATE) != 0, version, commonName, cipher);
        }
        return true;
    }

    private String text(int at, int length) {
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }

    private int unsignedShort(int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }
}

package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * Base64 (RFC 4648 section 4) as it comes and goes in parts: a text may be cut anywhere, and may be several texts one behind
 * the other, each with its padding.
 */
@WorkerConfined
public final class Base64Parts {
    private static final byte[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUES = values();
    private static final int GROUP = 4;

    // Of a group of four that is not complete: its bits, how many characters of it came, how many of them are padding.
    private int bits;
    private int count;
    private int padding;

    /** How many octets so many characters are at most, whatever came before them. */
    public static int decodedBytesMax(int characters) {
        return (characters + GROUP - 1) / GROUP * 3;
    }

    /**
     * Decodes the next part of a text.
     *
     * @param into takes the octets from its position on
     * @return whether it is Base64 so far
     */
    public boolean decode(DirectBuffer text, int offset, int length, ByteBuffer into) {
        for (int i = offset; i < offset + length; i++) {
            int octet = text.getByte(i) & 0xff;
            if (octet == '=') {
                padding++;
                bits <<= 6;
            } else {
                int value = VALUES[octet];
                if (value < 0 || padding > 0) {
                    return false;
                }
                bits = bits << 6 | value;
            }
            if (++count == GROUP && !group(into)) {
                return false;
            }
        }
        return true;
    }

    private boolean group(ByteBuffer into) {
        if (padding > 2) {
            return false;
        }
        into.put((byte) (bits >> 16));
        if (padding < 2) {
            into.put((byte) (bits >> 8));
        }
        if (padding == 0) {
            into.put((byte) bits);
        }
        clear();
        return true;
    }

    /** Whether the text may end here. */
    public boolean isWhole() {
        return count == 0;
    }

    /** Forgets what came. */
    public void clear() {
        bits = 0;
        count = 0;
        padding = 0;
    }

    /** Appends octets as a text of their own, with its padding. */
    public static void encode(DirectBuffer octets, int offset, int length, ByteBuilder into) {
        int end = offset + length;
        int at = offset;
        for (; at + 3 <= end; at += 3) {
            int three = (octets.getByte(at) & 0xff) << 16
                    | (octets.getByte(at + 1) & 0xff) << 8
                    | (octets.getByte(at + 2) & 0xff);
            append(three, GROUP, into);
        }
        if (at + 1 == end) {
            append((octets.getByte(at) & 0xff) << 16, 2, into);
        } else if (at + 2 == end) {
            append((octets.getByte(at) & 0xff) << 16 | (octets.getByte(at + 1) & 0xff) << 8, 3, into);
        }
    }

    private static void append(int three, int characters, ByteBuilder into) {
        for (int i = 0; i < GROUP; i++) {
            into.append(i < characters ? DIGITS[three >> (18 - 6 * i) & 63] : (byte) '=');
        }
    }

    private static byte[] values() {
        byte[] values = new byte[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = -1;
        }
        for (int i = 0; i < DIGITS.length; i++) {
            values[DIGITS[i]] = (byte) i;
        }
        return values;
    }
}

package io.penstock.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of IP addresses, written {@code 10.0.0.0/8} or {@code 2001:db8::/32}; an address alone is a block of one.
 *
 * @param v6 whether the block is of IPv6
 * @param high bytes 0 to 7 of an IPv6 address, big-endian; 0 for IPv4
 * @param low bytes 8 to 15 of an IPv6 address, or the IPv4 address in its lower half
 * @param prefix leading bits that count, 0 to 32 or 128
 */
public record Cidr(boolean v6, long high, long low, int prefix) {
    private static final Pattern TEXT = Pattern.compile("([^/]+)(?:/([0-9]{1,3}))?");

    public Cidr {
        if (prefix < 0 || prefix > (v6 ? 128 : 32)) {
            throw new IllegalArgumentException("found a prefix of /" + prefix + ", wanted /0 to /" + (v6 ? 128 : 32)
                    + ", for example \"10.0.0.0/8\"");
        }
        if ((high & ~highMask(v6, prefix)) != 0 || (low & ~lowMask(v6, prefix)) != 0) {
            throw new IllegalArgumentException("found address bits behind the prefix /" + prefix + ", wanted "
                    + text(v6, high & highMask(v6, prefix), low & lowMask(v6, prefix), prefix)
                    + ", or the address alone");
        }
    }

    /**
     * Reads a block.
     *
     * @throws IllegalArgumentException if the text is no block, or has bits behind its prefix
     */
    public static Cidr parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        IpAddress address = matcher.matches() ? IpAddress.of(matcher.group(1)).orElse(null) : null;
        if (address == null) {
            throw ValueText.unreadable(
                    "address block", text, "an IPv4 or IPv6 address and a prefix length", "10.0.0.0/8");
        }
        byte[] bytes = address.bytes();
        boolean v6 = address.isV6();
        int prefix = matcher.group(2) == null ? bytes.length * 8 : Integer.parseInt(matcher.group(2));
        return new Cidr(v6, v6 ? read(bytes, 0, 8) : 0, v6 ? read(bytes, 8, 8) : read(bytes, 0, 4), prefix);
    }

    /**
     * Whether an address lies in the block. An IPv4 address mapped into IPv6 counts as IPv4. Allocates nothing.
     *
     * @param address holds the address in network order
     * @param offset its first byte
     * @param length 4 or 16; any other length is in no block
     */
    public boolean contains(byte[] address, int offset, int length) {
        if (length == 4) {
            return !v6 && (read(address, offset, 4) & lowMask(false, prefix)) == low;
        }
        if (length != 16) {
            return false;
        }
        long addressHigh = read(address, offset, 8);
        long addressLow = read(address, offset + 8, 8);
        if (addressHigh == 0 && addressLow >>> 32 == 0xffff) {
            return !v6 && (addressLow & 0xffff_ffffL & lowMask(false, prefix)) == low;
        }
        return v6 && (addressHigh & highMask(true, prefix)) == high && (addressLow & lowMask(true, prefix)) == low;
    }

    /** Whether an address lies in the block. */
    public boolean contains(byte[] address) {
        return contains(address, 0, address.length);
    }

    /** Whether every address of the other block lies in this one. */
    public boolean covers(Cidr other) {
        return v6 == other.v6
                && prefix <= other.prefix
                && (other.high & highMask(v6, prefix)) == high
                && (other.low & lowMask(v6, prefix)) == low;
    }

    private static long highMask(boolean v6, int prefix) {
        return v6 ? leadingBits(Math.min(prefix, 64)) : 0;
    }

    private static long lowMask(boolean v6, int prefix) {
        return v6 ? leadingBits(Math.max(0, prefix - 64)) : leadingBits(prefix + 32) & 0xffff_ffffL;
    }

    private static long leadingBits(int count) {
        return count == 0 ? 0 : -1L << (64 - count);
    }

    private static long read(byte[] bytes, int offset, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = (value << 8) | (bytes[offset + i] & 0xff);
        }
        return value;
    }

    private static String text(boolean v6, long high, long low, int prefix) {
        if (!v6) {
            return (low >>> 24) + "." + ((low >>> 16) & 255) + "." + ((low >>> 8) & 255) + "." + (low & 255) + "/"
                    + prefix;
        }
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >>> (56 - 8 * i));
            bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
        }
        return IpAddress.formatV6(bytes) + "/" + prefix;
    }

    @Override
    public String toString() {
        return text(v6, high, low, prefix);
    }
}

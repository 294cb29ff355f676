package io.penstock.config;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An IP address read from its literal, never by a name service. An IPv4 address mapped into IPv6 is the IPv4 address
 * (RFC 4291 section 2.5.5.2), so that one client has one spelling.
 */
public final class IpAddress {
    // No leading zeros: some readers take "010" for octal 8, and an access list must mean one thing.
    private static final Pattern V4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private final InetAddress address;

    private IpAddress(InetAddress address) {
        this.address = address;
    }

    /** Reads a literal without brackets or zone; empty if the text is none. */
    public static Optional<IpAddress> of(String text) {
        if (!V4.matcher(text).matches() && !V6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new IpAddress(InetAddress.ofLiteral(text)));
        } catch (IllegalArgumentException notALiteral) {
            return Optional.empty();
        }
    }

    /** 4 or 16 bytes, a copy. */
    public byte[] bytes() {
        return address.getAddress();
    }

    /** Whether the address has 16 bytes. */
    public boolean isV6() {
        return address instanceof Inet6Address;
    }

    /** Whether this means every address of the machine. */
    public boolean isWildcard() {
        return address.isAnyLocalAddress();
    }

    /** The address as the JDK's type, for binding and connecting. */
    public InetAddress toInetAddress() {
        return address;
    }

    /** The canonical text of 16 bytes, as RFC 5952 section 4 says. */
    static String formatV6(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
        }
        int longestStart = -1;
        int longestLength = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > longestLength) {
                longestStart = i;
                longestLength = end - i;
            }
            i = Math.max(i, end - 1);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == longestStart) {
                text.append("::");
                i += longestLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpAddress that && Arrays.equals(bytes(), that.bytes());
    }

    @Override
    public int hashCode() {
        return address.hashCode();
    }

    /** The canonical text: dotted quad, or RFC 5952. */
    @Override
    public String toString() {
        return isV6() ? formatV6(address.getAddress()) : address.getHostAddress();
    }
}

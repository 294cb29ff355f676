package io.penstock.transport.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The line of version 1 (section 2.1). */
final class ProxyLine {
    private static final int PARTS = 5;
    private static final int PORT_MAX = 65_535;
    private static final Pattern V4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

    private ProxyLine() {}

    /** What stands behind {@code PROXY } and before the line's end; null where it is no such line. */
    static @Nullable ProxyHeader read(byte[] bytes, int start, int end) {
        String text = new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
        if (text.equals("UNKNOWN") || text.startsWith("UNKNOWN ")) {
            return ProxyHeader.NOTHING;
        }
        String[] parts = text.split(" ", -1);
        if (parts.length != PARTS || !(parts[0].equals("TCP4") || parts[0].equals("TCP6"))) {
            return null;
        }
        Pattern family = parts[0].equals("TCP4") ? V4 : V6;
        InetSocketAddress source = address(family, parts[1], parts[3]);
        InetSocketAddress destination = address(family, parts[2], parts[4]);
        return source == null || destination == null ? null : ProxyHeader.of(source, destination);
    }

    private static @Nullable InetSocketAddress address(Pattern family, String ip, String port) {
        if (!family.matcher(ip).matches() || !PORT.matcher(port).matches() || Integer.parseInt(port) > PORT_MAX) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(ip), Integer.parseInt(port));
        } catch (IllegalArgumentException none) {
            return null;
        }
    }
}

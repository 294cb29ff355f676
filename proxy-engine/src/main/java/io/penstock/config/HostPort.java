package io.penstock.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where to connect to: a host name or IP address and a port, written {@code host:port} or {@code [v6]:port}.
 *
 * @param host a name in lower case without a dot at its end, or an IP address in canonical form without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    // RFC 1123 section 2.1, and the underscore that service discovery likes to use.
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final Pattern DIGITS = Pattern.compile("[0-9.]+");

    public HostPort {
        host = canonicalHost(host)
                .orElseThrow(
                        () -> new IllegalArgumentException("found the host that is neither a name nor an IP address"
                                + ", wanted for example \"orders.internal:8080\" or \"10.0.0.7:8080\""));
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("found port " + port + ", wanted 1 to 65535");
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static HostPort parse(String text) {
        if (text.startsWith("unix:")) {
            throw ValueText.unreadable(
                    "address", text, "host:port (unix sockets as targets are not in this version)", "10.0.0.7:8080");
        }
        Optional<String> host = hostPart(text).flatMap(HostPort::canonicalHost);
        int port = portPart(text);
        if (host.isEmpty() || port < 1) {
            throw ValueText.unreadable(
                    "address", text, "host:port or [v6]:port with a port of 1 to 65535", "10.0.0.7:8080");
        }
        return new HostPort(host.get(), port);
    }

    /** The address, if the host is a literal; empty if it is a name that must be resolved. */
    public Optional<IpAddress> ip() {
        return IpAddress.of(host);
    }

    /** What stands before the last colon, without brackets; empty where brackets do not fit. */
    static Optional<String> hostPart(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            String inner = host.substring(1, host.length() - 1);
            return inner.indexOf(':') >= 0 ? Optional.of(inner) : Optional.empty();
        }
        return host.indexOf(':') >= 0 ? Optional.empty() : Optional.of(host);
    }

    /** The port behind the last colon, or -1. */
    static int portPart(String text) {
        String port = text.substring(text.lastIndexOf(':') + 1);
        if (port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int number = Integer.parseInt(port);
        return number <= 65535 ? number : -1;
    }

    private static Optional<String> canonicalHost(String host) {
        Optional<IpAddress> literal = IpAddress.of(host);
        if (literal.isPresent()) {
            return Optional.of(literal.get().toString());
        }
        String name = host.toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        // "10.0.0.300" is a mistyped address, not a name.
        return NAME.matcher(name).matches() && !DIGITS.matcher(name).matches() ? Optional.of(name) : Optional.empty();
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}

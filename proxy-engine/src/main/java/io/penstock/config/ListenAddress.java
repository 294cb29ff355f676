package io.penstock.config;

import java.util.Optional;

/** Where to listen: an IP address and a port, written {@code 0.0.0.0:80} or {@code [::]:80}, or {@code unix:/path}. */
public sealed interface ListenAddress {
    /**
     * A TCP address.
     *
     * @param address the IP address; the wildcard listens on every address of the machine
     * @param port 0 to 65535; 0 lets the system choose, which is of use in tests
     */
    record Tcp(IpAddress address, int port) implements ListenAddress {
        public Tcp {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("found port " + port + ", wanted 0 to 65535");
            }
        }

        @Override
        public String toString() {
            return (address.isV6() ? "[" + address + "]" : address) + ":" + port;
        }
    }

    /**
     * A unix socket.
     *
     * @param path absolute, at most 107 bytes, as sockaddr_un holds
     */
    record Unix(String path) implements ListenAddress {
        public Unix {
            if (!path.matches("/[\\x21-\\x7e]{1,106}") || path.contains("/../") || path.endsWith("/")) {
                throw new IllegalArgumentException(
                        "found unix socket \"" + ValueText.shown(path)
                                + "\", wanted an absolute path of at most 107 characters, for example \"unix:/run/penstock.sock\"");
            }
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if the text is none; a name is none, since listening must not depend on a name service
     */
    static ListenAddress parse(String text) {
        if (text.startsWith("unix:")) {
            return new Unix(text.substring("unix:".length()));
        }
        Optional<IpAddress> address = HostPort.hostPart(text)
                .map(host -> host.equals("localhost") ? "127.0.0.1" : host)
                .flatMap(IpAddress::of);
        int port = HostPort.portPart(text);
        if (address.isEmpty() || port < 0) {
            throw ValueText.unreadable("listen address", text, "an IP address and a port, or unix:/path", "0.0.0.0:80");
        }
        return new Tcp(address.get(), port);
    }

    /** Whether both cannot be listened on at once: the same address, or one is the wildcard over the other. */
    default boolean overlaps(ListenAddress other) {
        return switch (this) {
            case Unix unix -> unix.equals(other);
            case Tcp(IpAddress mine, int port) ->
                other instanceof Tcp(IpAddress theirs, int otherPort)
                        && port == otherPort
                        && port != 0
                        && (mine.equals(theirs) || wildcardOver(mine, theirs) || wildcardOver(theirs, mine));
        };
    }

    // Linux lets [::] take IPv4 too unless told otherwise, so the IPv6 wildcard covers both families.
    private static boolean wildcardOver(IpAddress wildcard, IpAddress other) {
        return wildcard.isWildcard() && (wildcard.isV6() || !other.isV6());
    }
}

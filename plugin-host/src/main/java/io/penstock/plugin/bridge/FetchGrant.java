package io.penstock.plugin.bridge;

import io.penstock.spi.Outbound.AddressGrant;
import java.util.Set;

/**
 * Where a plugin may send requests: to the origins its manifest names. The address that a name resolves to is checked
 * again: loopback, link-local and other addresses that mean "this machine" are reached only by an origin that is written
 * as such an address.
 *
 * @param origins scheme, host and port, default ports left out
 */
public record FetchGrant(Set<String> origins) {
    /** No origin at all. */
    public static final FetchGrant NONE = new FetchGrant(Set.of());

    public FetchGrant {
        origins = Set.copyOf(origins);
    }

    /** Whether an origin was granted. */
    public boolean allows(String origin) {
        return origins.contains(origin);
    }

    /** The check of resolved addresses for a request to a host. */
    public static AddressGrant addressesFor(String host) {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        boolean isLiteral = bare.indexOf(':') >= 0 || isDottedQuad(bare);
        // An operator who grants https://127.0.0.1:8443 means that address, and a name that resolves there is somebody
        // else's wish.
        boolean isLocalhost = bare.equals("localhost");
        return address -> isLiteral || isLocalhost || !isInward(address);
    }

    private static boolean isDottedQuad(String host) {
        return host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')) && host.indexOf('.') > 0;
    }

    /** Loopback, link-local, unspecified, multicast and broadcast, in IPv4, IPv6 and IPv4 inside IPv6. */
    static boolean isInward(byte[] address) {
        if (address.length == 4) {
            return isInwardV4(address, 0);
        }
        if (address.length != 16) {
            return true;
        }
        boolean isHighZero = true;
        for (int i = 0; i < 10; i++) {
            isHighZero &= address[i] == 0;
        }
        if (isHighZero && address[10] == -1 && address[11] == -1) {
            return isInwardV4(address, 12);
        }
        boolean isCompatible = isHighZero && address[10] == 0 && address[11] == 0;
        if (isCompatible) {
            return true;
        }
        int first = address[0] & 0xff;
        int second = address[1] & 0xff;
        return first == 0xff || (first == 0xfe && (second & 0xc0) == 0x80);
    }

    private static boolean isInwardV4(byte[] address, int at) {
        int first = address[at] & 0xff;
        int second = address[at + 1] & 0xff;
        return first == 0 || first == 127 || first >= 224 || (first == 169 && second == 254);
    }
}

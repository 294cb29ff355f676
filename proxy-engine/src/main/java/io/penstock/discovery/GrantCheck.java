package io.penstock.discovery;

import io.penstock.config.BackendGrantConfig;
import io.penstock.config.Cidr;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The backend grants of one network, compiled: which addresses and ports its upstreams may reach. Nothing is reachable
 * that no grant covers. Immutable, any thread.
 */
public final class GrantCheck {
    private static final GrantCheck NOTHING = new GrantCheck(List.of());

    private final List<Grant> grants;

    private GrantCheck(List<Grant> grants) {
        this.grants = List.copyOf(grants);
    }

    /** A check that no address passes. */
    public static GrantCheck nothing() {
        return NOTHING;
    }

    /** The enabled grants of a network; grants of other networks are left out. */
    public static GrantCheck of(String network, Iterable<BackendGrantConfig> grants) {
        List<Grant> compiled = new ArrayList<>();
        for (BackendGrantConfig grant : grants) {
            if (grant.enabled() && grant.network().equals(network)) {
                compiled.add(Grant.of(grant));
            }
        }
        return new GrantCheck(compiled);
    }

    /** The enabled grants of all networks: what anything on this gateway may reach. */
    public static GrantCheck ofAny(Iterable<BackendGrantConfig> grants) {
        List<Grant> compiled = new ArrayList<>();
        for (BackendGrantConfig grant : grants) {
            if (grant.enabled()) {
                compiled.add(Grant.of(grant));
            }
        }
        return new GrantCheck(compiled);
    }

    /** Whether a grant that has not expired covers the address and port. */
    public boolean allows(InetSocketAddress address, Instant now) {
        byte[] bytes = address.getAddress().getAddress();
        for (Grant grant : grants) {
            if (grant.isValidAt(now) && grant.covers(bytes, address.getPort())) {
                return true;
            }
        }
        return false;
    }

    /** When the next of these grants expires; empty if none will. */
    public Optional<Instant> nextExpiry(Instant now) {
        return grants.stream()
                .flatMap(grant -> grant.expires.stream())
                .filter(expiry -> expiry.isAfter(now))
                .min(Instant::compareTo);
    }

    /** Whether any of these grants has an end. */
    boolean mayExpire() {
        return grants.stream().anyMatch(grant -> grant.expires.isPresent());
    }

    private record Grant(List<Cidr> addresses, List<PortRange> ports, Optional<Instant> expires) {
        static Grant of(BackendGrantConfig config) {
            return new Grant(
                    List.copyOf(config.addresses()),
                    config.ports().stream().map(PortRange::parse).toList(),
                    config.expires());
        }

        boolean isValidAt(Instant now) {
            return expires.isEmpty() || now.isBefore(expires.get());
        }

        boolean covers(byte[] address, int port) {
            return ports.stream().anyMatch(range -> range.contains(port))
                    && addresses.stream().anyMatch(block -> block.contains(address));
        }
    }

    private record PortRange(int first, int last) {
        static PortRange parse(String text) {
            int dash = text.indexOf('-');
            return dash < 0
                    ? new PortRange(Integer.parseInt(text), Integer.parseInt(text))
                    : new PortRange(
                            Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
        }

        boolean contains(int port) {
            return first <= port && port <= last;
        }
    }
}

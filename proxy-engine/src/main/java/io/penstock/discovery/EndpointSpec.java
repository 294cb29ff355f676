package io.penstock.discovery;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One address that requests of an upstream may be sent to, as it stands now. Immutable.
 *
 * @param address resolved; with the upstream's name it is the endpoint's identity over revisions
 * @param authority the target as written, {@code host:port}: what {@code Host} says where the service asks for the target
 * @param name the target's name, or its authority
 * @param weight its share of the load beside the others; 0 takes no new requests
 * @param isGranted whether a backend grant covers the address now; without one it takes no requests
 * @param isDraining whether it takes no new requests for now, while those under way finish
 * @param seriesId of its metrics, -1 for none of its own
 */
public record EndpointSpec(
        InetSocketAddress address,
        String authority,
        String name,
        int weight,
        Optional<String> zone,
        Optional<String> region,
        boolean isGranted,
        boolean isDraining,
        int seriesId) {
    /** The largest weight, which leaves room to add them up in an int. */
    public static final int WEIGHT_MAX = 65_535;

    public EndpointSpec {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("endpoint \"" + authority + "\" is not resolved");
        }
        if (weight < 0 || weight > WEIGHT_MAX) {
            throw new IllegalArgumentException(
                    "endpoint \"" + authority + "\": found weight " + weight + ", wanted 0 to " + WEIGHT_MAX);
        }
    }
}

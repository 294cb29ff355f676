package io.penstock.discovery;

import java.util.List;
import java.util.Optional;

/**
 * All endpoints of one upstream at one moment. Immutable; sets that follow one another replace each other whole.
 *
 * @param upstream the upstream's name
 * @param seriesId of the upstream's metrics, -1 for none of its own
 * @param endpoints no address twice, in the order of the targets
 * @param maglev which endpoint a hash belongs to, where the balancer goes by that
 */
public record EndpointSet(String upstream, int seriesId, List<EndpointSpec> endpoints, Optional<MaglevTable> maglev) {
    public EndpointSet {
        endpoints = List.copyOf(endpoints);
    }

    /** A set that nobody hashes. */
    public EndpointSet(String upstream, int seriesId, List<EndpointSpec> endpoints) {
        this(upstream, seriesId, endpoints, Optional.empty());
    }
}

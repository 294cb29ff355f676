package io.penstock.discovery;

import java.util.List;

/**
 * All endpoints of one upstream at one moment. Immutable; sets that follow one another replace each other whole.
 *
 * @param upstream the upstream's name
 * @param seriesId of the upstream's metrics, -1 for none of its own
 * @param endpoints no address twice, in the order of the targets
 */
public record EndpointSet(String upstream, int seriesId, List<EndpointSpec> endpoints) {
    public EndpointSet {
        endpoints = List.copyOf(endpoints);
    }
}

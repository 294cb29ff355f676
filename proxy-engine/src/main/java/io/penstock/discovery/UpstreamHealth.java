package io.penstock.discovery;

import java.util.List;

/**
 * The health of one upstream's endpoints as workers act on it. Immutable; what follows replaces it whole.
 *
 * @param slowStartNs how long the weight of an endpoint that is warming grows
 * @param exceptions endpoints that take no requests or are warming; all others take their whole share
 */
public record UpstreamHealth(String upstream, long slowStartNs, List<EndpointHealth> exceptions) {
    public UpstreamHealth {
        exceptions = List.copyOf(exceptions);
    }

    /** Every endpoint takes its whole share. */
    public static UpstreamHealth good(String upstream) {
        return new UpstreamHealth(upstream, 0, List.of());
    }
}

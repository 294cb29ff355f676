package io.penstock.discovery;

import java.net.InetSocketAddress;

/**
 * What workers have to know of one endpoint's health. Immutable.
 *
 * @param takesRequests whether requests may be sent to it
 * @param isWarming whether its weight grows
 * @param warmingSinceNs the monotonic time since when it does
 */
public record EndpointHealth(
        InetSocketAddress address, boolean takesRequests, boolean isWarming, long warmingSinceNs) {}

package io.penstock.snapshot;

import io.penstock.config.EffectiveRoute;
import java.util.List;

/**
 * What a route says of tunnels.
 *
 * @param upgrades the protocols that may be asked for, in lower case
 * @param idleNs how long nothing may go either way, 0 for as long as the upstream's answers
 * @param lifetimeNs how long one may last
 */
public record TunnelPlan(List<String> upgrades, long idleNs, long lifetimeNs) {
    static TunnelPlan of(EffectiveRoute route) {
        return new TunnelPlan(
                route.route().upgrades(),
                route.tunnelIdle().value().map(idle -> idle.toNanos()).orElse(0L),
                route.tunnelLifetime().value().toNanos());
    }
}

package io.penstock.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One way through a route: a route with backends has one for each of them, every other has one. What holds on a way is put
 * together as if the route named its service alone.
 *
 * @param backend the backend; empty for a route without
 * @param identity tells the route's backends apart over revisions: the service's name, and which of several entries it is
 * @param effective what holds on this way
 */
public record RouteWay(Optional<BackendConfig> backend, String identity, EffectiveRoute effective) {
    /** All ways, also those that are not served. */
    public static List<RouteWay> all(ProxyConfig config, RouteConfig route) {
        if (route.backends().isEmpty()) {
            return List.of(new RouteWay(Optional.empty(), "", EffectiveRoute.of(config, route)));
        }
        List<RouteWay> ways = new ArrayList<>();
        List<String> identities = new ArrayList<>();
        for (BackendConfig backend : route.backends()) {
            String identity = backend.service();
            for (int count = 2; identities.contains(identity); count++) {
                identity = backend.service() + "#" + count;
            }
            identities.add(identity);
            ways.add(new RouteWay(
                    Optional.of(backend), identity, EffectiveRoute.of(config, route, Optional.of(backend.service()))));
        }
        return ways;
    }

    /** The ways that requests may take; none if nobody is there for those that no condition names. */
    public static List<RouteWay> served(ProxyConfig config, RouteConfig route) {
        List<RouteWay> served = all(config, route).stream()
                .filter(way -> way.effective().isServed())
                .toList();
        return served.stream().anyMatch(way -> way.weight() > 0) ? served : List.of();
    }

    /** The weight that counts. */
    public int weight() {
        return backend.map(BackendConfig::effectiveWeight).orElse(1);
    }
}

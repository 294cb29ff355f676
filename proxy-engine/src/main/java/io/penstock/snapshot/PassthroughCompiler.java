package io.penstock.snapshot;

import io.penstock.config.ConfigProblem;
import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.LimitConfig;
import io.penstock.config.ListenerConfig;
import io.penstock.config.Protocol;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.transport.tls.ServerNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/**
 * Puts together which route passes on what: all of those that lead to an upstream without HTTP in between, which are few, each time one
 * of them changes or a listener does. Control thread only.
 */
final class PassthroughCompiler {
    private static final int NOBODY = -1;

    private Set<String> present = Set.of();

    /** The routes that pass bytes on in a config of which so much has changed, sorted. */
    Set<String> routes(List<SnapshotDraft.RouteChange> changes) {
        Set<String> next = new TreeSet<>(present);
        for (SnapshotDraft.RouteChange change : changes) {
            RouteConfig after = change.after();
            if (after != null && change.idAfter() >= 0 && after.upstream().isPresent()) {
                next.add(change.name());
            } else {
                next.remove(change.name());
            }
        }
        return next;
    }

    void accepted(Set<String> routes) {
        present = routes;
    }

    /**
     * Compiles all of them.
     *
     * @param routeIds the id of each route
     * @param listenerIds the id of each listener
     * @param problems takes what stands against it
     */
    static Passthroughs compile(
            Set<String> routes,
            ProxyConfig config,
            ToIntFunction<String> routeIds,
            ToIntFunction<String> listenerIds,
            List<ConfigProblem> problems) {
        if (routes.isEmpty()) {
            return Passthroughs.NONE;
        }
        Map<Integer, Names> byListener = new HashMap<>();
        List<RouteConfig> ordered = new ArrayList<>();
        routes.forEach(name -> config.routes().find(name).ifPresent(ordered::add));
        for (RouteConfig route : ordered) {
            checkLevels(EffectiveRoute.of(config, route), problems);
            for (int i = 0; i < route.listeners().size(); i++) {
                String name = route.listeners().get(i);
                ListenerConfig listener = config.listeners().find(name).orElseThrow();
                String pointer = "/listeners/" + i;
                if (listener.protocol() != Protocol.TCP && listener.protocol() != Protocol.TLS) {
                    problems.add(problem(
                            route,
                            pointer,
                            "listener \"" + name + "\" speaks "
                                    + listener.protocol().text() + ", and the route passes bytes on to an upstream",
                            "name listeners of protocol tcp or tls, or a service in place of upstream"));
                    continue;
                }
                Names names = byListener.computeIfAbsent(listenerIds.applyAsInt(name), any -> new Names());
                names.add(route, listener, routeIds.applyAsInt(route.name()), pointer, problems);
            }
        }
        Map<Integer, ServerNames<Integer>> compiled = new HashMap<>();
        byListener.forEach((id, names) -> compiled.put(id, new ServerNames<>(names.exact, names.wildcards, names.any)));
        return new Passthroughs(Map.copyOf(compiled));
    }

    // What outer levels ask for must not be passed over in silence.
    private static void checkLevels(EffectiveRoute route, List<ConfigProblem> problems) {
        if (!route.auth().value().isEmpty()) {
            problems.add(problem(
                    route.route(),
                    "/upstream",
                    "auth of " + route.auth().from() + " asks who calls, and a route to an upstream cannot",
                    "write that auth nearer to the routes that it is for"));
        }
        for (Effective<LimitConfig> limit : route.limits()) {
            if (limit.value().bandwidth().isPresent() || !limit.value().isTakenBeforeAuth()) {
                problems.add(problem(
                        route.route(),
                        "/upstream",
                        "limit \"" + limit.value().name() + "\" of " + limit.from()
                                + " has a bandwidth or asks who calls, and a route to an upstream can do neither",
                        "write it nearer to the routes that it is for"));
            }
        }
    }

    private static ConfigProblem problem(RouteConfig route, String pointer, String detail, String hint) {
        return new ConfigProblem(
                ResourceRef.of(ResourceType.ROUTES, route.name()), pointer, "route-refused", detail, Optional.of(hint));
    }

    /** What one listener's routes ask for. */
    private static final class Names {
        private final Map<String, Integer> exact = new HashMap<>();
        private final Map<String, Integer> wildcards = new HashMap<>();
        private final Map<String, String> owners = new HashMap<>();
        private int any = NOBODY;

        void add(RouteConfig route, ListenerConfig listener, int id, String pointer, List<ConfigProblem> problems) {
            Set<String> wanted = new HashSet<>();
            for (RouteMatch match : route.matches()) {
                wanted.addAll(match.snis().isEmpty() ? List.of("*") : match.snis());
            }
            for (String sni : wanted) {
                if (listener.protocol() == Protocol.TCP && !sni.equals("*")) {
                    problems.add(problem(
                            route,
                            pointer,
                            "listener \"" + listener.name() + "\" speaks tcp, where no client says a server name",
                            "leave snis out, or name a listener of protocol tls"));
                    return;
                }
                String other = owners.putIfAbsent(sni, route.name());
                if (other != null && !other.equals(route.name())) {
                    problems.add(problem(
                            route,
                            pointer,
                            (sni.equals("*") ? "what no other name fits" : "server name \"" + sni + "\"")
                                    + " on listener \"" + listener.name() + "\" belongs to route \"" + other
                                    + "\" already",
                            "leave it to one of them"));
                } else if (sni.equals("*")) {
                    any = id;
                } else if (sni.startsWith("*.")) {
                    wildcards.put(sni.substring(2), id);
                } else {
                    exact.put(sni, id);
                }
            }
        }
    }
}

package io.penstock.snapshot;

import io.penstock.config.ProxyConfig;
import io.penstock.config.Reference;
import io.penstock.config.References;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which routes name a service, an API group, a policy, a limit or a listener: kept up to date with each route, so that an edit of one of
 * those finds the routes to compile anew without reading all the others. Control thread only.
 */
final class Dependents {
    /** Levels that stand between a resource and the routes. */
    private static final Set<ResourceType> LEVELS =
            EnumSet.of(ResourceType.POLICIES, ResourceType.API_GROUPS, ResourceType.SERVICES);

    private final Map<ResourceType, Map<String, Set<String>>> routesNaming = new HashMap<>();

    /** Takes note that a route has changed. */
    void changed(String route, @Nullable RouteConfig before, @Nullable RouteConfig after) {
        if (before != null) {
            for (Reference reference : References.of(before)) {
                Map<String, Set<String>> byName = byName(reference.type());
                Set<String> routes = byName.getOrDefault(reference.name(), Set.of());
                if (!routes.isEmpty() && routes.remove(route) && routes.isEmpty()) {
                    byName.remove(reference.name());
                }
            }
        }
        if (after != null) {
            for (Reference reference : References.of(after)) {
                byName(reference.type())
                        .computeIfAbsent(reference.name(), name -> new HashSet<>())
                        .add(route);
            }
        }
    }

    private Map<String, Set<String>> byName(ResourceType type) {
        return routesNaming.computeIfAbsent(type, any -> new HashMap<>());
    }

    /** The routes that name a resource themselves. */
    Set<String> naming(ResourceType type, String name) {
        return byName(type).getOrDefault(name, Set.of());
    }

    /** Adds the routes that a resource's values reach: those that name it, or a level that does, up to the defaults. */
    void addRoutesOf(ProxyConfig config, ResourceType type, String name, Set<String> into) {
        into.addAll(naming(type, name));
        if (names(References.of(config.defaults()), type, name)) {
            config.routes().names().forEach(into::add);
        }
        for (ResourceType referrer : References.referrersOf(type)) {
            if (LEVELS.contains(referrer)) {
                for (Resource level : config.all(referrer)) {
                    if (names(References.of(level), type, name)) {
                        addRoutesOf(config, referrer, level.name(), into);
                    }
                }
            }
        }
    }

    private static boolean names(List<Reference> references, ResourceType type, String name) {
        return references.stream()
                .anyMatch(reference ->
                        reference.type() == type && reference.name().equals(name));
    }
}

package io.penstock.snapshot;

import io.penstock.config.PolicyConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Reference;
import io.penstock.config.References;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.config.ServiceConfig;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which routes name a service, a policy, a limit or a listener: kept up to date with each route, so that an edit of one of
 * those finds the routes to compile anew without reading all the others. Control thread only.
 */
final class Dependents {
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

    /** Adds the routes that a service's values reach. */
    void addRoutesOfService(String service, Set<String> into) {
        into.addAll(naming(ResourceType.SERVICES, service));
    }

    /** Adds the routes that a policy's values reach: by themselves or by their service. */
    void addRoutesOfPolicy(ProxyConfig config, String policy, Set<String> into) {
        into.addAll(naming(ResourceType.POLICIES, policy));
        for (ServiceConfig service : config.services()) {
            if (service.policies().contains(policy)) {
                addRoutesOfService(service.name(), into);
            }
        }
    }

    /** Adds the routes that a limit reaches: by themselves, by their service, or by a policy. */
    void addRoutesOfLimit(ProxyConfig config, String limit, Set<String> into) {
        into.addAll(naming(ResourceType.LIMITS, limit));
        for (ServiceConfig service : config.services()) {
            if (service.limits().contains(limit)) {
                addRoutesOfService(service.name(), into);
            }
        }
        for (PolicyConfig policy : config.policies()) {
            if (policy.limits().contains(limit)) {
                addRoutesOfPolicy(config, policy.name(), into);
            }
        }
    }
}

package io.penstock.config;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which routes are served otherwise after a change, for whoever compiles them: no other route need be touched. */
public final class AffectedRoutes {
    private AffectedRoutes() {}

    /**
     * The names, sorted, of routes that are new, gone or changed, or whose service, policies, limits or levels changed. A
     * change of routes, listeners or upstreams alone costs what changed; one of what routes share reads all routes, once.
     */
    public static Set<String> of(ConfigDiff diff, ProxyConfig after) {
        Set<String> affected = new TreeSet<>();
        Set<ResourceRef> shared = new HashSet<>();
        for (ResourceChange change : diff.changes()) {
            switch (change.ref().type().orElseThrow()) {
                case ROUTES -> affected.add(change.ref().name());
                case SERVICES, API_GROUPS, POLICIES, LIMITS, SECRETS, ERROR_PAGES -> shared.add(change.ref());
                case LISTENERS,
                        UPSTREAMS,
                        NETWORKS,
                        BACKEND_GRANTS,
                        ACCESS_LOGS,
                        CONSUMER_GROUPS,
                        CONSUMERS,
                        CERTIFICATES,
                        CA_BUNDLES,
                        TLS_POLICIES,
                        ACME_ACCOUNTS -> {}
            }
        }
        if (diff.defaultsChanged() || names(References.of(after.defaults()), shared)) {
            after.routes().names().forEach(affected::add);
            return affected;
        }
        if (shared.isEmpty()) {
            return affected;
        }
        // First what names a changed limit or secret, then what names that: policies, API groups, services, routes.
        spread(after.policies(), ResourceType.POLICIES, shared);
        spread(after.apiGroups(), ResourceType.API_GROUPS, shared);
        spread(after.services(), ResourceType.SERVICES, shared);
        for (RouteConfig route : after.routes()) {
            if (names(References.of(route), shared)) {
                affected.add(route.name());
            }
        }
        return affected;
    }

    private static void spread(NamedMap<? extends Resource> users, ResourceType type, Set<ResourceRef> shared) {
        for (Resource user : users) {
            if (names(References.of(user), shared)) {
                shared.add(ResourceRef.of(type, user.name()));
            }
        }
    }

    private static boolean names(List<Reference> references, Set<ResourceRef> shared) {
        return references.stream()
                .anyMatch(
                        reference -> shared.contains(new ResourceRef(Optional.of(reference.type()), reference.name())));
    }
}

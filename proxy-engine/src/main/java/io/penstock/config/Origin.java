package io.penstock.config;

import java.util.Optional;

/**
 * Where a value that holds for a route was written.
 *
 * @param level how near to the route
 * @param policy the policy that the level names, if it stands there and not in the level itself
 * @param name the API group's, service's or route's name; empty for the others
 */
public record Origin(Level level, Optional<String> policy, String name) {
    /** Nobody wrote it. */
    public static final Origin SERVER = new Origin(Level.SERVER, Optional.empty(), "");
    /** The instance's defaults. */
    public static final Origin DEFAULTS = new Origin(Level.DEFAULTS, Optional.empty(), "");

    /** From far to near; the nearer wins. */
    public enum Level implements Choice {
        /** What Penstock does unless told otherwise. */
        SERVER,
        /** The instance's defaults. */
        DEFAULTS,
        /** The API group of the route or its service. */
        GROUP,
        /** The route's service. */
        SERVICE,
        /** The route. */
        ROUTE
    }

    static Origin apiGroup(String name) {
        return new Origin(Level.GROUP, Optional.empty(), name);
    }

    static Origin service(String name) {
        return new Origin(Level.SERVICE, Optional.empty(), name);
    }

    static Origin route(String name) {
        return new Origin(Level.ROUTE, Optional.empty(), name);
    }

    Origin byPolicy(String policyName) {
        return new Origin(level, Optional.of(policyName), name);
    }

    /** The text of {@code from} in the API: {@code defaults}, {@code services/orders}, {@code policies/partner-api of services/orders}. */
    @Override
    public String toString() {
        String where = switch (level) {
            case SERVER, DEFAULTS -> level.text();
            case GROUP -> "api-groups/" + name;
            case SERVICE -> "services/" + name;
            case ROUTE -> "routes/" + name;
        };
        return policy.map(known -> "policies/" + known + " of " + where).orElse(where);
    }
}

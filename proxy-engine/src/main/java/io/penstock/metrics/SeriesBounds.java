package io.penstock.metrics;

/**
 * How many members of each family have series of their own; the others are counted together under the label {@code other}.
 */
public record SeriesBounds(int listeners, int routes, int upstreams, int endpoints, int limits) {
    public SeriesBounds {
        if (listeners < 1 || routes < 1 || upstreams < 1 || endpoints < 1 || limits < 1) {
            throw new IllegalArgumentException("every bound on series must be at least 1");
        }
    }

    /** As many limits as routes. */
    public SeriesBounds(int listeners, int routes, int upstreams, int endpoints) {
        this(listeners, routes, upstreams, endpoints, routes);
    }

    /**
     * 256 listeners, 2000 routes and as many of their backends, 1000 upstreams, 4000 endpoints, 1000 limits: at most 890 KB of counters
     * for each worker.
     */
    public static SeriesBounds usual() {
        return new SeriesBounds(256, 2000, 1000, 4000, 1000);
    }

    int of(Family family) {
        return switch (family) {
            case LISTENER -> listeners;
            case ROUTE, BACKEND -> routes;
            case UPSTREAM -> upstreams;
            case ENDPOINT -> endpoints;
            case LIMIT -> limits;
            // As many as there can be: some twenty filters of the gateway's own, with six hooks each.
            case FILTER -> 256;
        };
    }
}

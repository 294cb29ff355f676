package io.penstock.snapshot;

import io.penstock.metrics.SeriesNames;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The dense ids under which backends of routes are counted. Control thread only. */
final class BackendSeries {
    private final SeriesNames names;
    private final DenseIds dense = new DenseIds();
    private final Map<String, Map<String, Integer>> idsByRoute = new HashMap<>();

    BackendSeries(SeriesNames names) {
        this.names = names;
    }

    /** The id of a backend, a free one if it has none. */
    int idOf(String route, String identity) {
        return idsByRoute.computeIfAbsent(route, any -> new HashMap<>()).computeIfAbsent(identity, any -> {
            int id = dense.take();
            names.assign(id, route, identity);
            return id;
        });
    }

    /**
     * Lets go of those ids of a route that what is current does not count with.
     *
     * @param version of the table that may still lead to others
     */
    void settle(String route, @Nullable RouteRuntime current, long version) {
        Map<String, Integer> ids = idsByRoute.get(route);
        if (ids == null) {
            return;
        }
        ids.values().removeIf(id -> {
            boolean isGone = !isCounted(current, id);
            if (isGone) {
                names.release(id);
                dense.rest(id, version);
            }
            return isGone;
        });
        if (ids.isEmpty()) {
            idsByRoute.remove(route);
        }
    }

    private static boolean isCounted(@Nullable RouteRuntime route, int id) {
        if (route != null && route.action() instanceof RouteAction.Split split) {
            for (int i = 0; i < split.backends().size(); i++) {
                if (split.backends().way(i).backend().seriesId() == id) {
                    return true;
                }
            }
        }
        return false;
    }

    void reclaim(long oldestInUse) {
        dense.reclaim(oldestInUse);
    }
}

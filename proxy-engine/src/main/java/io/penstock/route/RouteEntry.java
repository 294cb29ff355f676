package io.penstock.route;

import io.penstock.config.RouteMatch;
import java.util.List;

/**
 * One route as the table's writer takes it.
 *
 * @param routeId dense id that a lookup answers with; several entries may not share it, and it may be given anew only
 *     when every table that knew it is retired
 * @param name the route's name, unique in the table, at most 255 bytes of UTF-8
 * @param priority higher comes first among equally specific routes
 * @param listeners where the route is served
 * @param matches any of which suffices; none means every request
 */
public record RouteEntry(int routeId, String name, int priority, ListenerSet listeners, List<RouteMatch> matches) {
    /** Longest name, in bytes of UTF-8. */
    public static final int NAME_BYTES_MAX = 255;

    public RouteEntry {
        matches = List.copyOf(matches);
        if (routeId < 0) {
            throw new IllegalArgumentException("route \"" + name + "\": id " + routeId + " is negative");
        }
    }
}

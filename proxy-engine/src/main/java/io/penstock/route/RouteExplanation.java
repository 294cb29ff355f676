package io.penstock.route;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What becomes of a sample request, and why.
 *
 * @param outcome whether a route serves it
 * @param routeId the route's id, or {@link RouteLookup#NONE} or {@link RouteLookup#METHOD_NOT_ALLOWED}
 * @param winner the route's name, if one serves it
 * @param allow the methods that would find a route; only for {@link Outcome#METHOD_NOT_ALLOWED}
 * @param parameters what the winner's template took out of the path
 * @param considered the routes looked at, in the order in which they are asked; if none wins, the nearest misses behind
 *     them, nearest first
 * @param leftOut routes that were looked at as well and are not in the list
 */
public record RouteExplanation(
        Outcome outcome,
        int routeId,
        Optional<String> winner,
        List<String> allow,
        Map<String, String> parameters,
        List<RouteCandidate> considered,
        int leftOut) {
    /** How a lookup ends. */
    public enum Outcome {
        /** A route serves the request. */
        MATCH,
        /** No route does, but one would by another method: 405. */
        METHOD_NOT_ALLOWED,
        /** No route does: 404. */
        NOT_FOUND
    }
}

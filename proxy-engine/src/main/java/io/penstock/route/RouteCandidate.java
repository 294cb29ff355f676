package io.penstock.route;

import java.util.List;

/**
 * One route that was considered for a request.
 *
 * @param route its name
 * @param routeId its id
 * @param match index of the match concerned
 * @param result whether it won
 * @param because the first condition that failed, what it wanted and what it got; of a route that fits as well, what came
 *     before it; empty for the winner
 * @param specificity what orders routes before priority and name do, greater first, compared from left to right: the host's
 *     literal characters; the path's kind (3 exact, 2 template, 1 regex, 0 open at the end); its literal segments; where a
 *     template has them; the segments that a template with a tail has in front of it; 1 if methods are named; header conditions; query conditions; bits of the source network plus one
 * @param priority the route's priority
 */
public record RouteCandidate(
        String route, int routeId, int match, Result result, String because, List<Integer> specificity, int priority) {
    /** What became of a candidate. */
    public enum Result {
        /** It serves the request. */
        MATCH("match"),
        /** One of its conditions does not hold. */
        FAILED("no"),
        /** It fits, but another comes first. */
        OUTRANKED("no");

        private final String text;

        Result(String text) {
            this.text = text;
        }

        /** The stable text in answers. */
        public String text() {
            return text;
        }
    }
}

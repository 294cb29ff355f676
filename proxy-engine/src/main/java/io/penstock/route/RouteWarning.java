package io.penstock.route;

/**
 * A route that can never win, found when it or the route in front of it was written.
 *
 * @param code which of the two was asked about
 * @param route the route asked about
 * @param match index of its match concerned
 * @param other the other route
 * @param otherMatch index of the other's match concerned
 * @param detail one sentence for people
 */
public record RouteWarning(Code code, String route, int match, String other, int otherMatch, String detail) {
    /** What is wrong. */
    public enum Code {
        /** The route asked about takes every request that the other's match could get. */
        SHADOWS("shadows"),
        /** The other route takes every request that the match of the route asked about could get. */
        UNREACHABLE("unreachable");

        private final String text;

        Code(String text) {
            this.text = text;
        }

        /** The stable code in documents and answers. */
        public String text() {
            return text;
        }
    }
}

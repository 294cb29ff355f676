package io.penstock.snapshot;

/**
 * Which entries of a route's chain find out who calls. They follow one another, at the head of the chain's part of
 * {@code FilterPhase.AUTH}.
 *
 * @param first index of the first one
 * @param end index behind the last one
 * @param allowsAnonymous whether a request passes that none of them identifies
 */
public record Authenticators(int first, int end, boolean allowsAnonymous) {
    /** Nobody is asked. */
    public static final Authenticators NONE = new Authenticators(0, 0, true);
}

package io.penstock.snapshot;

import java.util.List;

/**
 * Which entries of a route's chain find out who calls. They follow one another, at the head of the chain's part of
 * {@code FilterPhase.AUTH}.
 *
 * @param first index of the first one
 * @param end index behind the last one
 * @param allowsAnonymous whether a request passes that none of them identifies
 * @param groups whoever calls has to belong to one of these; empty if that does not matter
 */
public record Authenticators(int first, int end, boolean allowsAnonymous, List<String> groups) {
    /** Nobody is asked. */
    public static final Authenticators NONE = new Authenticators(0, 0, true, List.of());
}

package io.penstock.snapshot;

import io.penstock.http.Fields;
import java.util.List;

/**
 * Which entries of a route's chain find out who calls. They follow one another, at the head of the chain's part of
 * {@code FilterPhase.AUTH}. The arrays are never written to after construction.
 *
 * @param first index of the first one
 * @param end index behind the last one
 * @param allowsAnonymous whether a request passes that none of them identifies
 * @param groups whoever calls has to belong to one of these; empty if that does not matter
 * @param allOfEnds for each of them the index behind the last one of the allOf that it is in, 0 where it is in none; empty
 *     without any allOf
 * @param guarded names, in lower case, of headers that only the gateway may give a request
 * @param headers what the upstream is told of who calls
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by identity only; read for each entry of each request.
public record Authenticators(
        int first,
        int end,
        boolean allowsAnonymous,
        List<String> groups,
        int[] allOfEnds,
        String[] guarded,
        IdentityHeaders headers) {
    private static final int[] NO_ALL_OF = {};

    /** Nobody is asked. */
    static Authenticators nobody(String[] guarded, IdentityHeaders headers) {
        return new Authenticators(0, 0, true, List.of(), NO_ALL_OF, guarded, headers);
    }

    /** Takes out of a request's head, or of its trailers, what only the gateway may say of who calls. */
    public void guard(Fields fields) {
        for (int i = 0; i < guarded.length; i++) {
            fields.removeAlike(guarded[i]);
        }
    }

    /** The index behind the last entry of the allOf that one is in; 0 if it is in none. */
    public int allOfEnd(int at) {
        return allOfEnds.length == 0 || at < first || at >= end ? 0 : allOfEnds[at - first];
    }
}

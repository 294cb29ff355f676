package io.penstock.filter;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * What is known of passwords that were checked slowly, by a digest under a key that only this process has: which were right
 * until their credential is another, and which were wrong for a while, so that a client that repeats itself costs little.
 * One worker's, of a fixed size: four places for each set of digests, of which the oldest goes.
 */
@WorkerConfined
final class VerifiedPasswords {
    /** What is known of a pair. */
    enum Answer {
        RIGHT,
        WRONG,
        UNKNOWN
    }

    private static final int SETS = 1024;
    private static final int WAYS = 4;

    private final long[] high = new long[SETS * WAYS];
    private final long[] low = new long[SETS * WAYS];
    private final @Nullable String[] credentialIds = new String[SETS * WAYS];
    private final boolean[] isRight = new boolean[SETS * WAYS];
    private final long[] wrongUntilNs = new long[SETS * WAYS];
    private final byte[] next = new byte[SETS];

    /**
     * What is known.
     *
     * @param credentialId of the credential that the user name has now; empty if it has none
     */
    Answer ask(long digestHigh, long digestLow, String credentialId, long nowNs) {
        int first = ((int) digestLow & (SETS - 1)) * WAYS;
        for (int at = first; at < first + WAYS; at++) {
            if (((high[at] ^ digestHigh) | (low[at] ^ digestLow)) == 0 && credentialId.equals(credentialIds[at])) {
                if (isRight[at]) {
                    return Answer.RIGHT;
                }
                return wrongUntilNs[at] - nowNs > 0 ? Answer.WRONG : Answer.UNKNOWN;
            }
        }
        return Answer.UNKNOWN;
    }

    void put(long digestHigh, long digestLow, String credentialId, boolean right, long untilNs) {
        int set = (int) digestLow & (SETS - 1);
        int at = set * WAYS + next[set];
        next[set] = (byte) ((next[set] + 1) % WAYS);
        high[at] = digestHigh;
        low[at] = digestLow;
        credentialIds[at] = credentialId;
        isRight[at] = right;
        wrongUntilNs[at] = untilNs;
    }
}

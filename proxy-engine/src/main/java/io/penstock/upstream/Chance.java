package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;

/** Chance from a seed, without allocation: xorshift64*. Source: S. Vigna, ACM TOMS 42 (2016). Not for secrets. */
@WorkerConfined
final class Chance {
    private long state;

    /** The same seed gives the same numbers. */
    Chance(long seed) {
        // Zero is the one state that xorshift never leaves.
        state = seed == 0 ? 0x9E3779B97F4A7C15L : seed;
    }

    /** Any number. */
    long next() {
        state ^= state >>> 12;
        state ^= state << 25;
        state ^= state >>> 27;
        return state * 0x2545F4914F6CDD1DL;
    }

    /** A number in {@code [0, bound)}; {@code bound} must be positive. */
    int below(int bound) {
        // The upper bits are the good ones. Multiply-and-shift is uneven by less than bound / 2^32, which no balancer
        // notices.
        long upper = next() >>> 32;
        return (int) ((upper * bound) >>> 32);
    }

    /** A length of time shortened by up to a tenth, so that what began together does not end together; "never" stays. */
    long shortened(long lengthNs) {
        return lengthNs == Long.MAX_VALUE ? lengthNs : lengthNs - lengthNs / 10 * below(1024) / 1024;
    }
}

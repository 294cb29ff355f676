package io.penstock.admin.acme;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long is waited after orders that came to nothing: a minute, doubled with each, up to six hours, and up to a fifth more or less. */
public final class Backoff {
    static final Duration FIRST = Duration.ofMinutes(1);
    static final Duration LAST = Duration.ofHours(6);
    private static final double SPREAD = 0.2;
    private static final int DOUBLINGS_MAX = 20;

    private Backoff() {}

    /**
     * How long is waited now.
     *
     * @param failures in a row, at least 1
     */
    public static Duration after(int failures, RandomGenerator random) {
        Duration doubled = FIRST.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS_MAX));
        Duration bounded = doubled.compareTo(LAST) > 0 ? LAST : doubled;
        // So that gateways that failed together do not come together again.
        return Duration.ofMillis((long) (bounded.toMillis() * (1 - SPREAD + 2 * SPREAD * random.nextDouble())));
    }
}

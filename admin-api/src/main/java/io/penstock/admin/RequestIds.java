package io.penstock.admin;

import java.security.SecureRandom;
import java.time.Clock;

/** Ids of admin requests: 26 characters, the first 10 of time, so that they sort by it (as ULIDs do). Any thread. */
final class RequestIds {
    // Crockford's Base32: no I, L, O, U.
    private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int TIME_DIGITS = 10;
    private static final int RANDOM_DIGITS = 16;

    private final Clock clock;
    private final SecureRandom random;

    RequestIds(Clock clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    String next() {
        StringBuilder id = new StringBuilder(TIME_DIGITS + RANDOM_DIGITS);
        long ms = clock.millis();
        for (int i = TIME_DIGITS - 1; i >= 0; i--) {
            id.append(DIGITS.charAt((int) (ms >>> (5 * i)) & 31));
        }
        for (int i = 0; i < RANDOM_DIGITS; i++) {
            id.append(DIGITS.charAt(random.nextInt(32)));
        }
        return id.toString();
    }
}

package io.penstock.engine;

import java.util.random.RandomGenerator;

/**
 * A secret of 128 bits: it keys limits and cookies, so that clients can neither forge nor aim at them.
 *
 * @param high its first half
 * @param low its other half
 */
public record KeySeed(long high, long low) {
    /** A new one. */
    public static KeySeed random(RandomGenerator random) {
        return new KeySeed(random.nextLong(), random.nextLong());
    }

    @Override
    public String toString() {
        return "KeySeed[secret]";
    }
}

package io.penstock.perf.load;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;

/** What became of the visitors of one phase: when they came, who got what was for sale and how soon, who was turned away. Any thread. */
final class Sale {
    private static final int VISITORS_MAX = 1 << 20;
    private static final int MS_MAX = 60_000;

    /** At its beginning a phase has no steady state yet: the first answers are still to come. */
    private static final long SETTLED_NS = 1_000_000_000;

    private final long startNs = System.nanoTime();
    private final LongAccumulator firstNs = new LongAccumulator(Math::min, Long.MAX_VALUE);
    private final LongAccumulator lastNs = new LongAccumulator(Math::max, 0);
    private final AtomicInteger came = new AtomicInteger();
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicInteger turnedAway = new AtomicInteger();
    private final AtomicInteger shownTheRoom = new AtomicInteger();
    private final long[] servedNs = new long[VISITORS_MAX];
    private final int[] servedMs = new int[VISITORS_MAX];

    /** One comes. @return whether it is the first one */
    boolean comes() {
        long nowNs = System.nanoTime() - startNs;
        firstNs.accumulate(nowNs);
        lastNs.accumulate(nowNs);
        return came.getAndIncrement() == 0;
    }

    void served(int ms) {
        int index = served.getAndIncrement();
        servedNs[index] = System.nanoTime() - startNs;
        servedMs[index] = Math.min(ms, MS_MAX);
    }

    /** @param isWaitingRoom whether the answer was a page that tells to come again, and when */
    void turnedAway(boolean isWaitingRoom) {
        turnedAway.incrementAndGet();
        if (isWaitingRoom) {
            shownTheRoom.incrementAndGet();
        }
    }

    int servedCount() {
        return served.get();
    }

    int turnedAwayCount() {
        return turnedAway.get();
    }

    int shownTheRoomCount() {
        return shownTheRoom.get();
    }

    /** Visitors a second, as they came. */
    double offeredPerSecond() {
        return came.get() / Math.max(1e-9, seconds());
    }

    /** Served a second while visitors came, from the second second on, those left out who waited longer than that. */
    double goodputPerSecond(int msMax) {
        int good = 0;
        for (int i = 0; i < served.get(); i++) {
            boolean isWithin = servedNs[i] >= firstNs.get() + SETTLED_NS && servedNs[i] <= lastNs.get();
            good += isWithin && servedMs[i] <= msMax ? 1 : 0;
        }
        return good / Math.max(1e-9, seconds() - SETTLED_NS / 1e9);
    }

    /** How long those who were served waited: the 99th percentile, in milliseconds. */
    int p99Ms() {
        int[] sorted = Arrays.copyOf(servedMs, served.get());
        Arrays.sort(sorted);
        return sorted.length == 0 ? MS_MAX : sorted[Math.min(sorted.length - 1, (int) (sorted.length * 0.99))];
    }

    private double seconds() {
        return (lastNs.get() - firstNs.get()) / 1e9;
    }
}

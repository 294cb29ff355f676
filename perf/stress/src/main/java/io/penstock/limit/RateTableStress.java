package io.penstock.limit;

import io.penstock.config.Bandwidth;
import io.penstock.config.BandwidthConfig;
import io.penstock.config.LimitConfig;
import java.lang.foreign.Arena;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Races on one bucket of a {@link RateTable}, whose cells are all idle and so may be given away, unless said otherwise. */
public final class RateTableStress {
    private static final long MS = 1_000_000;
    private static final LimitPlan ONE = LimitPlan.of("one", 10, Duration.ofSeconds(1), 1, false);

    private RateTableStress() {}

    /** A table that two actors share: a single bucket, filled with keys 100 to 114 at time 0. */
    public static class Crowded {
        final RateTable table = new RateTable(RateTable.BUCKET_SLOTS, 0, Arena.ofAuto());
        final long nowNs = 1000 * MS;

        public Crowded() {
            for (int key = 100; key < 115; key++) {
                take(key, 0);
            }
        }

        final int take(int key, long atNs) {
            long high = key * 0x9e3779b97f4a7c15L;
            long result = table.tryAcquire(ONE, high, 0, atNs);
            return result == RateTable.TAKEN ? 1 : 0;
        }

        /** What a further request by either key gets when both have had theirs. */
        final int after(int first, int second) {
            return take(first, nowNs) + take(second, nowNs);
        }
    }

    /** Two workers meet a new key at once: it is entered once, and one permit is given. */
    @JCStressTest
    @Outcome(id = "1, 0, 0, 0", expect = Expect.ACCEPTABLE, desc = "the first came first")
    @Outcome(id = "0, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "the second came first")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the key was entered twice, or a permit was lost")
    @State
    public static class SameNewKey extends Crowded {
        @Actor
        public void first(IIII_Result r) {
            r.r1 = take(1, nowNs);
        }

        @Actor
        public void second(IIII_Result r) {
            r.r2 = take(1, nowNs);
        }

        @Arbiter
        public void arbiter(IIII_Result r) {
            r.r3 = after(1, 1);
        }
    }

    /** Two keys are entered at once into a bucket where each must evict: both get their permit, and no second one. */
    @JCStressTest
    @Outcome(id = "1, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "both entered")
    @Outcome(expect = Expect.FORBIDDEN, desc = "one got the other's slot")
    @State
    public static class TwoNewKeys extends Crowded {
        @Actor
        public void first(IIII_Result r) {
            r.r1 = take(1, nowNs);
        }

        @Actor
        public void second(IIII_Result r) {
            r.r2 = take(2, nowNs);
        }

        @Arbiter
        public void arbiter(IIII_Result r) {
            r.r3 = after(1, 2);
        }
    }

    /**
     * A worker charges the very key that another worker evicts for a new one: a late compare-and-set on the slot that was
     * given away must fail, or the old key's permit is forgotten, or the new key is charged for it.
     */
    @JCStressTest
    @Outcome(id = "1, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "each got one permit, none a second")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a charge landed on the wrong key")
    @State
    public static class EvictAgainstAcquire extends Crowded {
        @Actor
        public void owner(IIII_Result r) {
            r.r1 = take(100, nowNs);
        }

        @Actor
        public void evictor(IIII_Result r) {
            r.r2 = take(1, nowNs);
        }

        @Arbiter
        public void arbiter(IIII_Result r) {
            r.r3 = after(100, 1);
        }
    }

    /** A sweep empties idle slots while a worker charges one of them. */
    @JCStressTest
    @Outcome(id = "1, 0, 0, 0", expect = Expect.ACCEPTABLE, desc = "swept before the charge")
    @Outcome(id = "1, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "charged before the sweep")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the sweep forgot a charge")
    @State
    public static class SweepAgainstAcquire extends Crowded {
        @Actor
        public void owner(IIII_Result r) {
            r.r1 = take(100, nowNs);
        }

        @Actor
        public void sweeper(IIII_Result r) {
            r.r2 = table.sweep(0, 1, nowNs);
        }

        @Arbiter
        public void arbiter(IIII_Result r) {
            r.r3 = after(100, 100);
        }
    }

    /** Two workers take from one bucket of three that has two left, two tries each. */
    @JCStressTest
    @Outcome(
            id = {"2, 0", "1, 1", "0, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "two in all")
    @Outcome(expect = Expect.FORBIDDEN, desc = "more or fewer than the bucket held")
    @State
    public static class LastPermits {
        private static final LimitPlan THREE = LimitPlan.of("three", 10, Duration.ofSeconds(1), 3, false);

        private final RateTable table = new RateTable(RateTable.BUCKET_SLOTS, 0, Arena.ofAuto());

        public LastPermits() {
            take();
        }

        private int take() {
            return table.tryAcquire(THREE, 5, 0, MS) == RateTable.TAKEN ? 1 : 0;
        }

        @Actor
        public void first(II_Result r) {
            r.r1 = take() + take();
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = take() + take();
        }
    }

    /** Two workers charge bytes to a bandwidth that nobody has used yet: the bytes of both count. */
    @JCStressTest
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "both were charged")
    @Outcome(expect = Expect.FORBIDDEN, desc = "bytes were lost, or charged twice")
    @State
    public static class SameNewLine extends Crowded {
        private static final LimitPlan LINE = LimitPlan.of(
                LimitConfig.named("line", BandwidthConfig.ofResponses(Bandwidth.parse("8Mbit/s")))
                        .build(),
                0,
                quota -> {
                    throw new AssertionError("no quota");
                });

        // A thousand bytes take a millisecond.
        private long pace(int bytes) {
            return table.pace(LINE, false, 7L << 32, 0, bytes, nowNs) / MS;
        }

        @Actor
        public void first() {
            pace(1000);
        }

        @Actor
        public void second() {
            pace(1000);
        }

        @Arbiter
        public void after(I_Result r) {
            r.r1 = (int) pace(0);
        }
    }
}

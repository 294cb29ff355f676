package io.penstock.limit;

import io.penstock.config.CalendarUnit;
import java.lang.foreign.Arena;
import java.time.Instant;
import java.time.ZoneOffset;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Races on one key, or one bucket, of a {@link QuotaTable}. Time is in minutes, and windows last one. */
public final class QuotaTableStress {
    private static final long BEFORE = 10_000;
    private static final long NOW = BEFORE + 1;
    private static final QuotaWindow MINUTES = new QuotaWindow(CalendarUnit.MINUTE, ZoneOffset.UTC, Instant.EPOCH);
    private static final QuotaPlan ONE = new QuotaPlan(1, MINUTES);
    private static final QuotaPlan TWO = new QuotaPlan(2, MINUTES);

    private QuotaTableStress() {}

    /** A table of a single bucket. */
    public static class OneBucket {
        final QuotaTable table = new QuotaTable(KeyCells.BUCKET_SLOTS, Arena.ofAuto());

        final int take(QuotaPlan plan, int key, long minute) {
            return table.take(plan, key * 0x9e3779b97f4a7c15L, 0, minute, minute) > 0 ? 1 : 0;
        }
    }

    /** Two workers meet a new key at once: one request passes. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 0", "0, 1, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "one passed")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the key was entered twice, or a count was lost")
    @State
    public static class SameNewKey extends OneBucket {
        @Actor
        public void first(III_Result r) {
            r.r1 = take(ONE, 1, NOW);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = take(ONE, 1, NOW);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = take(ONE, 1, NOW);
        }
    }

    /** Two workers find that a window has passed: the next is begun once. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 0", "0, 1, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "one passed in the new window")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the window was begun twice")
    @State
    public static class NewWindow extends OneBucket {
        public NewWindow() {
            take(ONE, 1, BEFORE);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = take(ONE, 1, NOW);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = take(ONE, 1, NOW);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = take(ONE, 1, NOW);
        }
    }

    /** One worker's clock is behind by a window: what it takes counts in its own window, or in the one begun by the other. */
    @JCStressTest
    @Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "the one behind came first")
    @Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "the new window was begun first, and is used up")
    // Whoever enters a key gives its cell the present window with no count, and may be overtaken before it takes one.
    @Outcome(
            id = "0, 1, 0",
            expect = Expect.ACCEPTABLE,
            desc = "the one behind used up the window that the other began")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the old window took the place of the new one")
    @State
    public static class OldWindowAgainstNew extends OneBucket {
        @Actor
        public void ahead(III_Result r) {
            r.r1 = take(ONE, 1, NOW);
        }

        @Actor
        public void behind(III_Result r) {
            r.r2 = take(ONE, 1, BEFORE);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = take(ONE, 1, NOW);
        }
    }

    /** A worker counts for the very key that another worker gives away, since its window has passed. */
    @JCStressTest
    @Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "each passed once, none a second time")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a count landed on the wrong key")
    @State
    public static class EvictAgainstTake extends OneBucket {
        public EvictAgainstTake() {
            for (int key = 100; key < 100 + KeyCells.BUCKET_SLOTS; key++) {
                take(ONE, key, NOW - 100);
            }
        }

        @Actor
        public void owner(III_Result r) {
            r.r1 = take(ONE, 100, NOW);
        }

        @Actor
        public void evictor(III_Result r) {
            r.r2 = take(ONE, 1, NOW);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = take(ONE, 100, NOW) + take(ONE, 1, NOW);
        }
    }

    /** Two workers take from a quota of two, two tries each. */
    @JCStressTest
    @Outcome(
            id = {"2, 0", "1, 1", "0, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "two in all")
    @Outcome(expect = Expect.FORBIDDEN, desc = "more or fewer than the quota")
    @State
    public static class LastRequests extends OneBucket {
        @Actor
        public void first(II_Result r) {
            r.r1 = take(TWO, 5, NOW) + take(TWO, 5, NOW);
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = take(TWO, 5, NOW) + take(TWO, 5, NOW);
        }
    }
}

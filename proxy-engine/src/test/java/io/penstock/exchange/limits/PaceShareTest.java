package io.penstock.exchange.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.Bandwidth;
import io.penstock.config.BandwidthConfig;
import io.penstock.config.LimitConfig;
import io.penstock.limit.KeyHash;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.RateTable;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that share one bandwidth, on workers whose wheels tick at other times, by a clock that the test advances. */
final class PaceShareTest {
    private static final long STEP_NS = 100_000;
    private static final long TICK_NS = 1L << 24;
    private static final long SECOND_NS = 1_000_000_000L;

    /** What one loop reads in a step, 20 Gbit/s. */
    private static final int READ_IN_STEP = 256 * 1024;

    private final RateTable rates = new RateTable(64, 0);
    private final KeyedPermitTable crowds = new KeyedPermitTable(64);

    @AfterEach
    void nobodyIsCountedAmongACrowd() {
        assertThat(crowds.inUse()).isZero();
        crowds.close();
        rates.close();
    }

    private static LimitPlan plan(String bandwidth) {
        return LimitPlan.of(
                LimitConfig.named("line", BandwidthConfig.ofResponses(Bandwidth.parse(bandwidth)))
                        .build(),
                0,
                quota -> {
                    throw new AssertionError("no quota");
                });
    }

    /** A body that comes in parts, on a worker whose wheel ticks at a phase of its own. */
    private final class Body {
        private final PaceShare share;
        private final int part;
        private final long phaseNs;
        private final int inStepMax;
        private long waitsUntilNs = -1;
        private long passed;

        Body(LimitPlan plan, int part, long phaseNs, int inStepMax) {
            this.share = new PaceShare(false, plan);
            this.share.begin(plan, new KeyHash(1, 2).begin(plan).finish());
            this.part = part;
            this.phaseNs = phaseNs;
            this.inStepMax = inStepMax;
        }

        void step(long nowNs) {
            if (waitsUntilNs >= 0) {
                if (nowNs < waitsUntilNs) {
                    return;
                }
                waitsUntilNs = -1;
                look(0, nowNs);
            }
            for (int inStep = 0; waitsUntilNs < 0 && inStep < inStepMax; inStep += part) {
                passed += part;
                look(part, nowNs);
            }
        }

        private void look(int bytes, long nowNs) {
            long waitNs = share.charge(rates, crowds, bytes, nowNs);
            if (waitNs > 0) {
                long ticks = (nowNs + waitNs - phaseNs + TICK_NS - 1) / TICK_NS;
                waitsUntilNs = phaseNs + ticks * TICK_NS;
            }
        }
    }

    private static double bitsPerSecond(Body[] bodies, long ns) {
        return 8.0 * Arrays.stream(bodies).mapToLong(body -> body.passed).sum() * SECOND_NS / ns;
    }

    private long run(Body[] bodies, long forNs) {
        for (long nowNs = 0; nowNs < forNs; nowNs += STEP_NS) {
            for (Body body : bodies) {
                body.step(nowNs);
            }
        }
        for (Body body : bodies) {
            body.share.leave(crowds);
        }
        return forNs;
    }

    @ParameterizedTest
    @CsvSource({"1Mbit/s,60", "20Mbit/s,10", "300Mbit/s,4", "1Gbit/s,4", "10Gbit/s,2"})
    void isTheSameForAllWhateverTheirPartsAndTheirTicks(String bandwidth, int seconds) {
        LimitPlan plan = plan(bandwidth);
        Body[] bodies = {
            new Body(plan, 65_536, 0, READ_IN_STEP),
            new Body(plan, 16_384, 1_000_000, READ_IN_STEP),
            new Body(plan, 1_460, 2_000_000, READ_IN_STEP),
            new Body(plan, 30_000, 15_000_000, READ_IN_STEP)
        };

        long tookNs = run(bodies, seconds * SECOND_NS);

        long least = Arrays.stream(bodies).mapToLong(body -> body.passed).min().orElseThrow();
        long most = Arrays.stream(bodies).mapToLong(body -> body.passed).max().orElseThrow();
        assertThat((double) least / most).as("slowest to fastest").isGreaterThan(0.9);
        assertThat(bitsPerSecond(bodies, tookNs))
                .isBetween(0.97 * plan.bitsPerSecond(false), 1.03 * plan.bitsPerSecond(false));
    }

    @Test
    void isUsedByTheOthersWhereOneIsSlow() {
        LimitPlan plan = plan("100Mbit/s");
        Body[] bodies = {
            new Body(plan, 65_536, 0, READ_IN_STEP),
            new Body(plan, 65_536, 5_000_000, READ_IN_STEP),
            // 0.8 Mbit/s, an endpoint that gives no more.
            new Body(plan, 10, 9_000_000, 10)
        };

        long tookNs = run(bodies, 5 * SECOND_NS);

        assertThat(bitsPerSecond(bodies, tookNs)).isBetween(97e6, 103e6);
        assertThat(bodies[2].passed).isGreaterThan(400_000);
    }

    @Test
    void letsASmallBodyPassAtOnceWhereNobodyHasUsedTheBandwidth() {
        Body alone = new Body(plan("20Mbit/s"), 1_000, 0, 1_000);

        for (int i = 0; i < 100; i++) {
            alone.step(i * 2_000_000L);
            assertThat(alone.waitsUntilNs).isNegative();
        }
    }

    @Test
    void countsOnlyThoseThatHadToWait() {
        LimitPlan plan = plan("1Mbit/s");
        KeyHash key = new KeyHash(1, 2).begin(plan).finish();
        PaceShare share = new PaceShare(false, plan);
        share.begin(plan, key);

        assertThat(share.charge(rates, crowds, 1_000, 0)).isNotPositive();
        assertThat(crowds.inUse()).isZero();
        assertThat(share.charge(rates, crowds, 100_000, 0)).isPositive();
        assertThat(crowds.inUse()).isEqualTo(1);

        share.leave(crowds);
    }
}

package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.LimitConfig;
import io.penstock.config.LimitKeyPart;
import io.penstock.config.OnFull;
import io.penstock.config.OnMissing;
import io.penstock.config.Rate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LimitPlanTest {
    @Test
    void hasOneSecondOfRateAsBurstUnlessSaid() {
        LimitPlan fast =
                LimitPlan.of(LimitConfig.named("fast", Rate.parse("250/s")).build());
        LimitPlan slow =
                LimitPlan.of(LimitConfig.named("slow", Rate.parse("10/h")).build());

        assertThat(fast.burst()).isEqualTo(250);
        assertThat(slow.burst()).isEqualTo(1);
    }

    @Test
    void takesKeyPartsAndTheAnswerForAFullTableFromItsConfig() {
        LimitPlan plan = LimitPlan.of(LimitConfig.named("x", Rate.parse("1/s"))
                .key("clientAddress", "header:X-Tenant")
                .onMissing(OnMissing.SKIP)
                .onFull(OnFull.REFUSE)
                .build());

        assertThat(plan.key()).extracting(LimitKeyPart::toString).containsExactly("clientAddress", "header:x-tenant");
        assertThat(plan.onMissing()).isEqualTo(OnMissing.SKIP);
        assertThat(plan.allowsWhenFull()).isFalse();
    }

    @Test
    void spacesPermitsByQuarterNanosecondsRoundedDown() {
        LimitPlan plan = LimitPlan.of("x", 3, Duration.ofSeconds(1), 5, true);

        assertThat(plan.intervalUnits()).isEqualTo(4_000_000_000L / 3);
        assertThat(plan.burstUnits()).isEqualTo(4_000_000_000L / 3 * 5);
    }

    @Test
    void refusesABucketThatWouldTakeMonthsToFill() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LimitPlan.of("yearly", 1, Duration.ofDays(1), 365, true))
                .withMessageContaining("yearly")
                .withMessageContaining("52 days");
    }

    @Test
    void isNeverMadeOfAConfigThatItWouldRefuse() {
        LimitConfig.Builder yearly =
                LimitConfig.named("yearly", Rate.parse("1/d")).burst(365);

        assertThatThrownBy(yearly::build).hasMessageContaining("52 days");
        assertThat(LimitPlan.of(yearly.burst(52).build()).burst()).isEqualTo(52);
    }

    @Test
    void takesTheSlowestAndTheFastestRateThatConfigAllows() {
        assertThat(LimitPlan.of("slowest", 1, Duration.ofDays(1), 52, true).burst())
                .isEqualTo(52);
        assertThat(LimitPlan.of("fastest", 1_000_000_000, Duration.ofSeconds(1), 1_000_000_000, true)
                        .intervalUnits())
                .isEqualTo(4);
    }
}

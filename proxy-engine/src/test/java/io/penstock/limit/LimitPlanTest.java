package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.CalendarUnit;
import io.penstock.config.LimitConfig;
import io.penstock.config.LimitKeyPart;
import io.penstock.config.OnFull;
import io.penstock.config.OnMissing;
import io.penstock.config.QuotaConfig;
import io.penstock.config.Rate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

final class LimitPlanTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private static LimitPlan plan(LimitConfig config) {
        return LimitPlan.of(config, 0, quota -> new QuotaWindow(quota.window(), ZoneId.of(quota.timeZone()), NOON));
    }

    @Test
    void saysInAnswersWhatItIs() {
        LimitConfig.Builder both = LimitConfig.named("x", Rate.parse("10/s"))
                .burst(15)
                .quota(new QuotaConfig(1000, CalendarUnit.DAY, "Europe/Berlin"));
        LimitPlan monthly = plan(
                LimitConfig.named("m", QuotaConfig.of(5, CalendarUnit.MONTH)).build());

        assertThat(plan(both.build()).ratePolicy()).hasToString("\"x\";q=15;w=2");
        assertThat(plan(both.build()).quotaPolicy()).hasToString("\"x.day\";q=1000;w=86400");
        assertThat(monthly.ratePolicy()).isNull();
        assertThat(monthly.quotaPolicy()).hasToString("\"m\";q=5");
        assertThat(plan(both.headers(false).build()).ratePolicy()).isNull();
        assertThat(plan(both.build()).quotaPolicy()).isNull();
    }

    @Test
    void hasOneSecondOfRateAsBurstUnlessSaid() {
        LimitPlan fast = plan(LimitConfig.named("fast", Rate.parse("250/s")).build());
        LimitPlan slow = plan(LimitConfig.named("slow", Rate.parse("10/h")).build());

        assertThat(fast.burst()).isEqualTo(250);
        assertThat(slow.burst()).isEqualTo(1);
    }

    @Test
    void takesKeyPartsAndTheAnswerForAFullTableFromItsConfig() {
        LimitPlan plan = plan(LimitConfig.named("x", Rate.parse("1/s"))
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
        assertThat(plan(yearly.burst(52).build()).burst()).isEqualTo(52);
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

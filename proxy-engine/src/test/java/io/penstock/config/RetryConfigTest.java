package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryConfigTest {
    @Test
    void triesOtherTargetsWhereOneCannotBeReachedIfNothingIsWritten() {
        assertThat(RetryConfig.DEFAULTS.attempts()).isEqualTo(3);
        assertThat(RetryConfig.DEFAULTS.when()).hasToString("[connectFailure]");
        assertThat(RetryConfig.DEFAULTS.methods()).containsExactly("idempotent");
        assertThat(RetryConfig.DEFAULTS.budget()).hasToString("20%");
    }

    @ParameterizedTest
    @ValueSource(strings = {"connectFailure", "reset", "timeout", "5xx", "400", "503", "599"})
    void readsConditionsAndWritesThemTheSame(String text) {
        assertThat(RetryCondition.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "200", "399", "600", "99999999999", "-503", "4xx", "Reset", "connectFailure "})
    void refusesOtherConditions(String text) {
        assertThatThrownBy(() -> RetryCondition.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void saysWhichConditionMayBeMeant() {
        assertThatThrownBy(() -> RetryCondition.parse("connectFailur"))
                .hasMessageContaining("did you mean \"connectFailure\"?");
    }

    @Test
    void namesEveryFaultAtOnce() {
        assertThatThrownBy(() -> new RetryConfig(
                        11,
                        List.of(),
                        List.of("GET", "get"),
                        Share.parse("20%"),
                        -1,
                        Optional.of(Duration.ZERO),
                        Optional.empty(),
                        RetryConfig.DEFAULTS.backoff(),
                        true,
                        new ByteSize(17 << 20)))
                .isInstanceOfSatisfying(
                        InvalidValueException.class,
                        refused -> assertThat(refused.faults())
                                .extracting(ValueFault::pointer)
                                .containsExactly(
                                        "/attempts", "/minPerSecond", "/perTryTimeout", "/bufferBytes", "/methods/1"));
    }

    @Test
    void refusesABackoffThatBeginsAboveItsEnd() {
        assertThatThrownBy(() -> new RetryBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("wanted at most max");
    }

    @Test
    void refusesAHedgeThatIsTooSoonOrTooMany() {
        assertThatThrownBy(() -> new HedgeConfig(Duration.ZERO, 4))
                .isInstanceOfSatisfying(
                        InvalidValueException.class,
                        refused -> assertThat(refused.faults())
                                .extracting(ValueFault::pointer)
                                .containsExactly("/after", "/max"));
    }

    @Test
    void refusesAHedgeWhereAClientBelongsToOneTarget() {
        ProxyConfig config = ProxyConfig.initial()
                .with(UpstreamConfig.named("up")
                        .targets(TargetConfig.of("10.0.0.1:80"))
                        .balancer(BalancerType.STICKY)
                        .retries(RetryConfig.builder()
                                .hedge(HedgeConfig.after(Duration.ofMillis(50)))
                                .build())
                        .build());

        assertThat(ConfigValidator.validate(ProxyConfig.initial(), config))
                .extracting(ConfigProblem::documentPointer)
                .containsExactly("/upstreams/up/retries/hedge");
    }

    @Test
    void takesEachMemberFromTheNearestLevelThatSaysIt() {
        HedgeConfig hedge = HedgeConfig.after(Duration.ofMillis(50));
        RouteRetries outer = new RouteRetries(
                Optional.of(2),
                List.of(RetryCondition.parse("503")),
                List.of(),
                Optional.of(Duration.ofSeconds(2)),
                Optional.of(hedge));
        RouteRetries nearer = new RouteRetries(
                Optional.of(0), List.of(), List.of("all"), Optional.of(Duration.ZERO), Optional.empty());

        assertThat(nearer.over(outer))
                .isEqualTo(new RouteRetries(
                        Optional.of(0),
                        List.of(RetryCondition.parse("503")),
                        List.of("all"),
                        Optional.of(Duration.ZERO),
                        Optional.of(hedge)));
    }
}

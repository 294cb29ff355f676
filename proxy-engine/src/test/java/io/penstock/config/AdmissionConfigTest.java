package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AdmissionConfigTest {
    private static List<String> problems(AdmissionConfig admission) {
        ProxyConfig config = ProxyConfig.initial()
                .with(PolicyConfig.named("sale")
                        .admission(Setting.of(admission))
                        .build());
        return ConfigValidator.validate(ProxyConfig.initial(), config).stream()
                .map(problem -> problem.documentPointer() + " " + problem.code())
                .toList();
    }

    @Test
    void takesAnAdmissionWithClasses() {
        assertThat(problems(AdmissionConfig.of(10)
                        .with(
                                PriorityConfig.byGroup("members", "gold"),
                                PriorityConfig.byHeader("staff", FieldMatch.present("X-Staff")))))
                .isEmpty();
    }

    @Test
    void namesEveryFaultOfItsClasses() {
        PriorityConfig empty = PriorityConfig.byGroup("a");
        PriorityConfig regex = PriorityConfig.byHeader("a", FieldMatch.regex("X-Tier", "g.*"));
        PriorityConfig unnamed = PriorityConfig.byHeader("b", FieldMatch.present("X Tier"));

        assertThat(problems(AdmissionConfig.of(10).with(empty, regex, unnamed)))
                .containsExactlyInAnyOrder(
                        "/policies/sale/admission/priorities/0 required",
                        "/policies/sale/admission/priorities/1/name duplicate",
                        "/policies/sale/admission/priorities/1/headers/0/type bad-value",
                        "/policies/sale/admission/priorities/2/headers/0/name bad-value");
    }

    @Test
    void refusesBoundsThatCannotBe() {
        assertThatExceptionOfType(InvalidValueException.class).isThrownBy(() -> AdmissionConfig.of(0));
        assertThatExceptionOfType(InvalidValueException.class)
                .isThrownBy(() -> AdmissionQueueConfig.of(-1, Duration.ofHours(1)))
                .satisfies(refused -> assertThat(refused.faults())
                        .extracting(ValueFault::pointer)
                        .containsExactly("/max", "/timeout"));
    }

    @Test
    void theNearestLevelDecidesAndNullLiftsIt() {
        ProxyConfig config = ProxyConfig.initial()
                .withDefaults(Defaults.DEFAULTS.toBuilder()
                        .admission(Setting.of(AdmissionConfig.of(100)))
                        .build())
                .with(RouteConfig.named("sale")
                        .admission(Setting.of(AdmissionConfig.of(5)))
                        .build())
                .with(RouteConfig.named("free").admission(Setting.none()).build())
                .with(RouteConfig.named("other").build());

        assertThat(admission(config, "sale")).isEqualTo("5 routes/sale");
        assertThat(admission(config, "free")).isEqualTo("none routes/free");
        assertThat(admission(config, "other")).isEqualTo("100 defaults");
    }

    private static String admission(ProxyConfig config, String route) {
        EffectiveRoute effective =
                EffectiveRoute.of(config, config.routes().find(route).orElseThrow());
        return effective
                        .admission()
                        .value()
                        .map(found -> "" + found.concurrency())
                        .orElse("none") + " " + effective.admission().from();
    }
}

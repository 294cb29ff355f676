package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Names in classes of priority that nobody has. */
final class PriorityWarningsTest {
    private static List<String> warnings(PriorityConfig priority) {
        ProxyConfig before = ProxyConfig.initial()
                .with(ConsumerConfig.named("acme").build())
                .with(ConsumerGroupConfig.named("gold").build());
        ProxyConfig after = before.with(PolicyConfig.named("sale")
                .admission(Setting.of(AdmissionConfig.of(10).with(priority)))
                .build());
        return ConfigValidator.warnings(before, after).stream()
                .map(warning -> warning.pointer() + " " + warning.code() + ": "
                        + warning.hint().orElse(""))
                .toList();
    }

    @Test
    void areTold() {
        assertThat(warnings(new PriorityConfig(
                        "vip", List.of(), List.of("acme", "acne", "zebra"), List.of(), List.of("home"))))
                .containsExactly(
                        "/admission/priorities/0/consumers/1 fits-nobody: did you mean \"acme\"?",
                        "/admission/priorities/0/consumers/2 fits-nobody: define it, or take it out",
                        "/admission/priorities/0/routes/0 fits-nobody: define it, or take it out");
    }

    @Test
    void areOfGroupsOnlySlips() {
        assertThat(warnings(PriorityConfig.byGroup("vip", "gold", "golt", "staff")))
                .containsExactly("/admission/priorities/0/groups/1 fits-nobody: did you mean \"gold\"?");
    }
}

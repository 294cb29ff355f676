package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Targets that are listeners of the same gateway: accepted, since a route may lead elsewhere from there, and told of. */
final class LeadsBackTest {
    private static List<ConfigWarning> warnings(String listener, String target) {
        ProxyConfig config = ProxyConfig.empty()
                .with(ListenerConfig.named("web", ListenAddress.parse(listener)).build());
        return ConfigValidator.warnings(
                config,
                config.with(UpstreamConfig.named("u")
                        .targets(TargetConfig.of("192.0.2.1:80"), TargetConfig.of(target))
                        .build()));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8080, 127.0.0.1:8080",
        "0.0.0.0:8080, 127.0.0.1:8080",
        "[::]:8080, [::1]:8080",
        "[::]:8080, 127.0.0.1:8080"
    })
    void areWarnedOf(String listener, String target) {
        assertThat(warnings(listener, target)).singleElement().satisfies(warning -> {
            assertThat(warning.code()).isEqualTo(ConfigWarning.LEADS_BACK);
            assertThat(warning.pointer()).isEqualTo("/targets/1/address");
            assertThat(warning.detail()).contains(target, "listener \"web\"", "508 loop-detected");
        });
    }

    @Test
    void othersAreNot() {
        assertThat(warnings("127.0.0.1:8080", "127.0.0.1:8081")).isEmpty();
        assertThat(warnings("127.0.0.1:8080", "127.0.0.2:8080")).isEmpty();
        assertThat(warnings("0.0.0.0:8080", "192.0.2.2:8080")).isEmpty();
        assertThat(warnings("0.0.0.0:8080", "localhost:8081")).isEmpty();
    }
}

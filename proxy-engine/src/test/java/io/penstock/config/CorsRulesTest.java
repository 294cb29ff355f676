package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code cors} may say, and what is said of it otherwise. */
final class CorsRulesTest {
    private static List<ConfigProblem> problems(CorsConfig cors) {
        ProxyConfig config = ProxyConfig.initial()
                .with(PolicyConfig.named("open").cors(Setting.of(cors)).build());
        return ConfigValidator.validate(ProxyConfig.initial(), config);
    }

    private static CorsConfig cors(
            List<String> origins, List<String> methods, List<String> headers, boolean credentials) {
        return new CorsConfig(origins, methods, headers, List.of(), credentials, Optional.empty(), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example",
                "http://localhost:3000",
                "https://*.shop.example",
                "https://*.localhost",
                "http://[2001:db8::1]:8080",
                "chrome-extension://abcdef",
                "*"
            })
    void takesOriginsAsBrowsersWriteThem(String origin) {
        assertThat(problems(CorsConfig.of(origin))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://App.example, https://app.example",
        "https://app.example/, https://app.example",
        "https://app.example/path, https://app.example",
        "https://app.example:443, https://app.example",
        "http://app.example:80, http://app.example",
    })
    void tellsHowAnOriginIsWritten(String origin, String canonical) {
        assertThat(problems(CorsConfig.of(origin))).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ConfigProblem.NOT_CANONICAL);
            assertThat(problem.pointer()).isEqualTo("/cors/origins/0");
            assertThat(problem.hint()).contains("write \"" + canonical + "\"");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "app.example",
                "https://",
                "https://a*.example",
                "https://*",
                "https://*.com",
                "https://a b",
                ""
            })
    void refusesWhatIsNoOriginOrEverybodys(String origin) {
        assertThat(problems(CorsConfig.of(origin)))
                .extracting(ConfigProblem::code)
                .containsExactly(ConfigProblem.BAD_VALUE);
    }

    @Test
    void refusesStarsTogetherWithCredentials() {
        assertThat(problems(new CorsConfig(
                        List.of("*"), List.of("*"), List.of("*"), List.of("*"), true, Optional.empty(), false)))
                .extracting(ConfigProblem::pointer)
                .containsExactly("/cors/origins/0", "/cors/methods/0", "/cors/headers/0", "/cors/exposedHeaders/0");
        assertThat(problems(new CorsConfig(
                        List.of("*"), List.of("*"), List.of("*"), List.of("*"), false, Optional.empty(), false)))
                .isEmpty();
    }

    @Test
    void tellsEveryFaultAtOnce() {
        assertThat(problems(cors(List.of("*", "https://a.example", "ftp"), List.of("get"), List.of("X Y"), false)))
                .extracting(problem -> problem.pointer() + " " + problem.code())
                .containsExactlyInAnyOrder(
                        "/cors/origins/0 bad-value",
                        "/cors/origins/2 bad-value",
                        "/cors/methods/0 not-canonical",
                        "/cors/headers/0 bad-value");
        assertThat(problems(cors(List.of(), List.of("GET"), List.of(), false)))
                .extracting(ConfigProblem::pointer)
                .containsExactly("/cors/origins");
    }

    @Test
    void boundsWhatABrowserMayKeep() {
        assertThatThrownBy(() -> new CorsConfig(
                        List.of("*"), List.of(), List.of(), List.of(), false, Optional.of(Duration.ofDays(2)), false))
                .isInstanceOf(InvalidValueException.class);
    }
}

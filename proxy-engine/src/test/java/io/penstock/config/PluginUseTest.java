package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PluginUseTest {
    @ParameterizedTest
    @CsvSource({
        "guard@1, 1.0.0, true",
        "guard@1, 1.9.4, true",
        "guard@1, 2.0.0, false",
        "guard@1.2, 1.2.7, true",
        "guard@1.2, 1.3.0, false",
        "guard@1.2.3, 1.2.3, true",
        "guard@1.2.3, 1.2.4, false",
        "guard@^1.2, 1.2.0, true",
        "guard@^1.2, 1.9.0, true",
        "guard@^1.2, 1.1.9, false",
        "guard@^1.2.3, 1.2.2, false",
        "guard@^1.2.3, 1.3.0, true",
        "guard@^1.2, 2.0.0, false",
        "guard@^0.2, 0.2.9, true",
        "guard@^0.2, 0.3.0, false",
        "guard@^0.0.3, 0.0.3, true",
        "guard@^0.0.3, 0.0.4, false",
        "guard@^0, 0.9.9, true",
        "guard@~1.2, 1.2.9, true",
        "guard@~1.2.3, 1.2.2, false",
        "guard@~1.2.3, 1.2.4, true",
        "guard@~1.2, 1.3.0, false",
        "guard@~1, 1.7.0, true",
        "guard@1, 1.2.0-beta.1, false",
        "guard@^1.2, 1.2.0-beta.1, false",
        "guard@1.2.0-beta.1, 1.2.0-beta.1, true",
        "guard@1.2.0-beta.1, 1.2.0, false"
    })
    void admitsWhatIsInTheRange(String use, String version, boolean isAdmitted) {
        assertThat(PluginUse.parse(use).orElseThrow().admits(version)).isEqualTo(isAdmitted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"guard", "guard@", "@1", "Guard@1", "guard@1.2.3.4", "guard@01", "guard@>1", "guard@*", "a@1 "})
    void isNoUse(String text) {
        assertThat(PluginUse.parse(text)).isEmpty();
    }

    @Test
    void ordersVersionsAsSemverDoes() {
        List<String> rising = List.of(
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0",
                "1.2.0",
                "1.10.0",
                "2.0.0");

        assertThat(Stream.concat(rising.reversed().stream(), Stream.of()).sorted(PluginUse.ORDER))
                .containsExactlyElementsOf(rising);
        assertThat(PluginUse.parse("guard@1").orElseThrow().newestOf(rising)).contains("1.10.0");
        assertThat(PluginUse.parse("guard@3").orElseThrow().newestOf(rising)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "guard@1, 1.4.0, guard@1",
        "guard@1, 2.1.0, guard@2",
        "guard@1.2, 2.1.0, guard@2.1",
        "guard@1.2.3, 2.1.0, guard@2.1.0",
        "guard@^1.2, 2.1.0, guard@^2.1",
        "guard@~1, 2.1.0, guard@~2",
        "guard@1, 2.0.0-rc.1, guard@2.0.0-rc.1",
        "guard@2.0.0-rc.1, 2.0.0, guard@2.0.0"
    })
    void movesTheRangeOnlyAsFarAsItMust(String use, String version, String moved) {
        assertThat(PluginUse.parse(use).orElseThrow().movedTo(version)).hasToString(moved);
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.CalendarUnit;
import io.penstock.config.LimitConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.QuotaConfig;
import io.penstock.config.Rate;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a limit and one of its keys stand, asked of a running engine. */
final class LimitStatusTest {
    @TempDir
    private Path logs;

    private static ProxyConfig config(LimitConfig... limits) {
        ProxyConfig config = ProxyConfig.initial().with(ConfigRig.web().build());
        RouteConfig.Builder route = RouteConfig.named("all")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .respond(RespondConfig.DEFAULTS)
                .limits(limits[0].name());
        for (LimitConfig limit : limits) {
            config = config.with(limit);
        }
        return config.with(route.build());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void tellsWhatIsLeftOfAKeyAndTakesNothing(int workers) throws Exception {
        LimitConfig limit = LimitConfig.named("l", Rate.parse("10/m"))
                .key("clientAddress", "header:x-team")
                .burst(10)
                .quota(new QuotaConfig(100, CalendarUnit.MONTH, "UTC"))
                .build();
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(
                    config(limit, LimitConfig.named("idle", Rate.parse("1/s")).build()));
            try (EngineClient client = rig.client()) {
                for (int i = 0; i < 3; i++) {
                    client.send("/", "X-Team: blue\r\n");
                    assertThat(client.response()).startsWith("200");
                }
            }

            LimitStatus.KeyStatus key = key(rig, "127.0.0.1", "blue");
            assertThat(key.rate().orElseThrow().burst()).isEqualTo(10);
            assertThat(key.rate().orElseThrow().left()).isBetween(7L, 8L);
            assertThat(key.quota().orElseThrow().taken()).isEqualTo(3);
            assertThat(key(rig, "127.0.0.1", "blue").quota()).isEqualTo(key.quota());
            assertThat(key.concurrency()).isEmpty();

            LimitStatus.KeyStatus other = key(rig, "127.0.0.1", "red");
            assertThat(other.rate().orElseThrow().left()).isEqualTo(10);
            assertThat(other.quota().orElseThrow().taken()).isZero();

            LimitStatus all = rig.engine().readings().limit("l", List.of()).orElseThrow();
            assertThat(all.key()).isEmpty();
            assertThat(all.outcomes().taken()).isEqualTo(3);
            assertThat(all.tables()).extracting(LimitStatus.TableStatus::name).contains("rates", "quotas", "permits");
            assertThat(rig.engine()
                            .readings()
                            .limit("idle", List.of())
                            .orElseThrow()
                            .outcomes()
                            .taken())
                    .isZero();
            assertThat(rig.engine().readings().limit("nothing", List.of())).isEmpty();
            assertThatThrownBy(() -> key(rig, "127.0.0.1")).hasMessageContaining("wanted 2");
            assertThatThrownBy(() -> key(rig, "nowhere", "blue")).hasMessageContaining("is no address");
        }
    }

    private static LimitStatus.KeyStatus key(ConfigRig rig, String... values) {
        return rig.engine()
                .readings()
                .limit("l", List.of(values))
                .orElseThrow()
                .key()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void tellsHowTheOnlyBucketStands(int workers) throws Exception {
        LimitConfig limit = LimitConfig.named("l", Rate.parse("1/h")).burst(5).build();
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(config(limit));
            try (EngineClient client = rig.client()) {
                client.get("/");
            }

            assertThat(key(rig).rate().orElseThrow().left()).isEqualTo(4);
        }
    }
}

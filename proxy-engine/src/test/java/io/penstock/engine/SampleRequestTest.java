package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.FilterConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.PluginAuthConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.PolicyConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Rate;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What explain says beyond routing is what would happen. */
final class SampleRequestTest {
    @TempDir
    private Path logs;

    private static ExplainRequest sample(String method, String listener, String client, String length) {
        return new ExplainRequest(
                method, "http://a/small", List.of(Map.entry("Content-Length", length)), listener, client);
    }

    @Test
    void refusesWhatTheGatewayWouldRefuse() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().build())
                    .with(ConfigRig.fixed("small", "/")
                            .body(new BodyConfig(Optional.of(new ByteSize(10))))
                            .build()));

            assertThat(rig.engine()
                            .readings()
                            .explain(sample("POST", "", "", "11"))
                            .refusal())
                    .contains(Reason.BODY_TOO_LARGE);
            assertThat(rig.engine()
                            .readings()
                            .explain(sample("POST", "web", "", "10"))
                            .refusal())
                    .isEmpty();
            assertThat(rig.engine()
                            .readings()
                            .explain(new ExplainRequest("CONNECT", "/", List.of(Map.entry("Host", "a")), "", ""))
                            .refusal())
                    .isPresent();
            assertThatExceptionOfType(SampleRefusedException.class)
                    .isThrownBy(() -> rig.engine().readings().explain(sample("GET", "nowhere", "", "0")))
                    .withMessageContaining("nowhere")
                    .withMessageContaining("web")
                    .satisfies(refused -> assertThat(refused.member()).isEqualTo("listener"));
            assertThatExceptionOfType(SampleRefusedException.class)
                    .isThrownBy(() -> rig.engine().readings().explain(sample("GET", "", "not-an-address", "0")))
                    .satisfies(refused -> assertThat(refused.member()).isEqualTo("clientAddress"));
        }
    }

    @Test
    void namesWhatWouldRunInTheOrderOfThePhases() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs, new Plugins())) {
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().build())
                    .with(PolicyConfig.named("partners")
                            .auth(asked("token"), asked("key"), new AnonymousAuthConfig())
                            .build())
                    .with(LimitConfig.named("all", Rate.parse("100/s")).build())
                    .with(LimitConfig.named("each", Rate.parse("10/s"))
                            .key("consumer")
                            .build())
                    .with(ConfigRig.fixed("small", "/")
                            .policies("partners")
                            .limits("each", "all")
                            .filters(asked("edit").asFilter())
                            .build()));

            Explanation found = rig.engine().readings().explain(sample("GET", "", "", "0"));

            assertThat(found.steps())
                    .containsExactly(
                            new Explanation.Step("limits", "all", "routes/small"),
                            new Explanation.Step("auth", "plugin token@1", "policies/partners of routes/small"),
                            new Explanation.Step("auth", "plugin key@1", "policies/partners of routes/small"),
                            new Explanation.Step("auth", "anonymous", "policies/partners of routes/small"),
                            new Explanation.Step("limits", "each", "routes/small"),
                            new Explanation.Step("filters", "plugin edit@1", "routes/small"),
                            new Explanation.Step("upstream", "respond", "routes/small"));
        }
    }

    private static PluginAuthConfig asked(String plugin) {
        return new PluginAuthConfig(plugin + "@1", Optional.empty(), Optional.empty(), true);
    }

    private static final class Plugins implements FilterProvider {
        @Override
        public Class<? extends FilterConfig> configType() {
            return PluginFilterConfig.class;
        }

        @Override
        public PreparedFilter prepare(FilterConfig config) {
            return new Plugin(config, FilterPhase.TRANSFORM);
        }

        @Override
        public PreparedFilter prepareAuthenticator(FilterConfig config) {
            return new Plugin(config, FilterPhase.AUTH);
        }
    }

    private record Plugin(FilterConfig config, FilterPhase phase) implements PreparedFilter, Filter {
        @Override
        public String name() {
            return "plugin " + ((PluginFilterConfig) config).use();
        }

        @Override
        public boolean hasRequestHook() {
            return true;
        }

        @Override
        public boolean hasResponseHook() {
            return false;
        }

        @Override
        public Filter open(WorkerId worker) {
            return this;
        }
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.ProxyConfig;
import io.penstock.metrics.Reason;
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

            assertThat(rig.engine().explain(sample("POST", "", "", "11")).refusal())
                    .contains(Reason.BODY_TOO_LARGE);
            assertThat(rig.engine().explain(sample("POST", "web", "", "10")).refusal())
                    .isEmpty();
            assertThat(rig.engine()
                            .explain(new ExplainRequest("CONNECT", "/", List.of(Map.entry("Host", "a")), "", ""))
                            .refusal())
                    .isPresent();
            assertThatExceptionOfType(SampleRefusedException.class)
                    .isThrownBy(() -> rig.engine().explain(sample("GET", "nowhere", "", "0")))
                    .withMessageContaining("nowhere")
                    .withMessageContaining("web")
                    .satisfies(refused -> assertThat(refused.member()).isEqualTo("listener"));
            assertThatExceptionOfType(SampleRefusedException.class)
                    .isThrownBy(() -> rig.engine().explain(sample("GET", "", "not-an-address", "0")))
                    .satisfies(refused -> assertThat(refused.member()).isEqualTo("clientAddress"));
        }
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A config is compiled and explained without being served, beside the one that is. */
final class EngineRehearsalTest {
    @TempDir
    private Path logs;

    private static ExplainRequest asked(String path) {
        return new ExplainRequest("GET", "http://a" + path, List.of(), "web", "");
    }

    @Test
    void explainsTheCandidateAndServesTheOther() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            ProxyConfig served = ProxyConfig.initial()
                    .with(ConfigRig.web().build())
                    .with(ConfigRig.fixed("old", "/").build());
            rig.publish(served);
            ProxyConfig candidate = served.with(ConfigRig.fixed("new", "/shop").build());

            Prepared rehearsed = ((Preparation.Ready) rig.engine().rehearse(candidate)).prepared();

            assertThat(rig.engine()
                            .readings()
                            .explain(rehearsed, asked("/shop/7"))
                            .routing()
                            .orElseThrow()
                            .winner())
                    .contains("new");
            assertThat(rig.engine()
                            .readings()
                            .explain(asked("/shop/7"))
                            .routing()
                            .orElseThrow()
                            .winner())
                    .contains("old");
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> rig.engine().publish(rehearsed, 7));
            rig.engine().discard(rehearsed);
            try (EngineClient client = rig.client()) {
                assertThat(client.get("/shop/7")).endsWith("old");
            }
            rig.publish(candidate);
        }
    }

    @Test
    void bindsNoSocketAsksForNoNameAndOpensNoFile() throws Exception {
        Path absent = logs.resolve("absent");
        try (ConfigRig rig = new ConfigRig(1, absent);
                ServerSocket taken = new ServerSocket(0)) {
            ProxyConfig candidate = ProxyConfig.initial()
                    .with(ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + taken.getLocalPort()))
                            .build())
                    .with(UpstreamConfig.named("far")
                            .targets(TargetConfig.of("nobody.asks.for.this.example:80"))
                            .build())
                    .with(ServiceConfig.named("far", "far").build())
                    .with(RouteConfig.named("far")
                            .matches(RouteMatch.of(PathMatch.prefix("/")))
                            .service("far")
                            .build());

            Prepared rehearsed = ((Preparation.Ready) rig.engine().rehearse(candidate)).prepared();

            Explanation found = rig.engine().readings().explain(rehearsed, asked("/x"));
            assertThat(found.upstream()).contains("far");
            assertThat(found.targets()).isEmpty();
            assertThat(rig.engine().readings().dns()).isEmpty();
            assertThat(Files.exists(absent)).isFalse();
            rig.engine().discard(rehearsed);
        }
    }
}

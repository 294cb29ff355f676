package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.http.LoopMark;
import io.penstock.metrics.Counter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routes that lead back to the gateway's own listener. */
final class LoopTest {
    @TempDir
    private Path logs;

    @ParameterizedTest
    @CsvSource({"1, HTTP1", "4, HTTP1", "1, HTTP2", "4, HTTP2"})
    void endAfterAFewPasses(int workers, UpstreamProtocol protocol) throws Exception {
        int port = ConfigRig.freePort();
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(ProxyConfig.initial()
                    .with(List.<Resource>of(
                            ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                                    .http2(true)
                                    .build(),
                            UpstreamConfig.named("itself")
                                    .targets(TargetConfig.of("127.0.0.1:" + port))
                                    .protocol(protocol)
                                    .build(),
                            ServiceConfig.named("itself", "itself").build(),
                            RouteConfig.named("round")
                                    .matches(RouteMatch.of(PathMatch.prefix("/")))
                                    .service("itself")
                                    .build())));

            try (EngineClient client =
                    new EngineClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                assertThat(client.get("/a")).startsWith("508 ").contains("loop-detected: ");
            }

            assertThat(rig.engine().readings().metrics().value(Counter.REQUESTS))
                    .isEqualTo(LoopMark.PASSES_MAX + 1);
        }
    }
}

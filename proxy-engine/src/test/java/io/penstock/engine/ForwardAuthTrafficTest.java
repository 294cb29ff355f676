package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ForwardAuthConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.metrics.Counter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An authorizer that real workers ask, by its address and as a service. */
final class ForwardAuthTrafficTest {
    private static final int CLIENTS = 24;

    @TempDir
    Path logs;

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void saysYesAndNoOverAddressesAndServices(int workers) throws Exception {
        try (Origins origins = new Origins();
                ConfigRig rig = new ConfigRig(workers, logs)) {
            ProxyConfig config =
                    origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "authorizer", exchange -> {
                        boolean isKnown =
                                "yes".equals(exchange.getRequestHeaders().getFirst("Authorization"));
                        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"a\"");
                        Origins.answer(exchange, isKnown ? 200 : 401, new byte[0]);
                    });
            String url = "http://"
                    + config.upstreams()
                            .find("authorizer")
                            .orElseThrow()
                            .targets()
                            .getFirst()
                            .address();
            rig.publish(config.with(ConfigRig.fixed("by-url", "/url")
                            .auth(RecordDefaults.of(ForwardAuthConfig.class, Map.of("url", Optional.of(url))))
                            .build())
                    .with(ConfigRig.fixed("by-service", "/service")
                            .auth(RecordDefaults.of(
                                    ForwardAuthConfig.class, Map.of("service", Optional.of("authorizer"))))
                            .build()));
            List<EngineClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(rig.client());
            }
            for (String path : List.of("/url", "/service")) {
                for (String word : List.of("yes", "no")) {
                    for (EngineClient client : clients) {
                        client.send(path, "Authorization: " + word + "\r\n");
                    }
                    for (EngineClient client : clients) {
                        assertThat(client.response()).startsWith(word.equals("yes") ? "200 " : "401 ");
                    }
                }
            }
            assertThat(rig.engine().readings().metrics().value(Counter.FORWARD_AUTHS_PASSED))
                    .isEqualTo(2 * CLIENTS);
            assertThat(rig.engine().readings().metrics().value(Counter.FORWARD_AUTHS_ANSWERED))
                    .isEqualTo(2 * CLIENTS);
            for (EngineClient client : clients) {
                client.close();
            }
        }
    }
}

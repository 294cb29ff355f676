package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.IntrospectionAuthConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.SecretName;
import io.penstock.metrics.Counter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens asked about by real workers, of a real server. */
final class IntrospectionTrafficTest {
    private static final int CLIENTS = 32;

    @TempDir
    Path logs;

    private static IntrospectionAuthConfig asking(String server) {
        return RecordDefaults.of(
                IntrospectionAuthConfig.class,
                Map.of(
                        "url",
                        "http://" + server + "/introspect",
                        "clientId",
                        "gateway",
                        "clientSecret",
                        new SecretName("idp")));
    }

    private static List<String> fromAll(List<EngineClient> clients, String token) throws Exception {
        List<String> statuses = new ArrayList<>();
        for (EngineClient client : clients) {
            client.send("/x", "Authorization: Bearer " + token + "\r\n");
        }
        for (EngineClient client : clients) {
            statuses.add(client.response().substring(0, 3));
        }
        return statuses;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void eachWorkerAsksOnceAndManyWait(int workers) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch answers = new CountDownLatch(1);
        try (Origins origins = new Origins();
                ConfigRig rig = new ConfigRig(workers, logs)) {
            String server = origins.serve(exchange -> {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                asked.incrementAndGet();
                try {
                    answers.await();
                } catch (InterruptedException stopping) {
                    Thread.currentThread().interrupt();
                }
                String said =
                        body.startsWith("token=good&") ? "{\"active\":true,\"sub\":\"ann\"}" : "{\"active\":false}";
                Origins.answer(exchange, 200, said.getBytes(StandardCharsets.UTF_8));
            });
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().build())
                    .with(ConfigRig.fixed("asked", "/").auth(asking(server)).build()));
            List<EngineClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(rig.client());
            }
            for (EngineClient client : clients) {
                client.send("/x", "Authorization: Bearer good\r\n");
            }
            answers.countDown();
            for (EngineClient client : clients) {
                assertThat(client.response()).startsWith("200 ");
            }
            assertThat(asked.get()).isBetween(1, workers);

            assertThat(fromAll(clients, "good")).containsOnly("200");
            assertThat(asked.get()).isLessThanOrEqualTo(workers);
            assertThat(fromAll(clients, "bad")).containsOnly("401");
            assertThat(asked.get()).isLessThanOrEqualTo(2 * workers);
            assertThat(rig.engine().readings().metrics().value(Counter.INTROSPECTIONS))
                    .isEqualTo(asked.get());
            for (EngineClient client : clients) {
                client.close();
            }
        }
    }
}

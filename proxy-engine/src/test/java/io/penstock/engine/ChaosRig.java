package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.Counter;
import io.penstock.metrics.MetricsReading;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** An engine whose one upstream {@code up} is endpoints that misbehave, and clients that count what they get. */
final class ChaosRig implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final ConfigRig rig;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ProxyConfig config;

    ChaosRig(int workers, Path logs, UpstreamConfig.Builder upstream) throws Exception {
        rig = new ConfigRig(workers, logs);
        config = ProxyConfig.initial()
                .with(ConfigRig.web().build())
                .with(upstream.build())
                .with(ServiceConfig.named("up", "up").build())
                .with(RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("up")
                        .build());
        rig.publish(config);
    }

    void publish(UpstreamConfig.Builder upstream) throws Exception {
        config = config.with(upstream.build());
        rig.publish(config);
    }

    ProxyEngine engine() {
        return rig.engine();
    }

    EngineClient client() throws Exception {
        return rig.client();
    }

    MetricsReading metrics() {
        return rig.engine().readings().metrics();
    }

    /** Has clients ask one request after another. @return how many answers there were of each status */
    Map<String, Integer> ask(String request, int clients, int each) throws Exception {
        List<Callable<List<String>>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(() -> {
                List<String> statuses = new ArrayList<>();
                try (EngineClient client = rig.client()) {
                    for (int k = 0; k < each; k++) {
                        statuses.add(client.ask(request).substring(0, 3));
                    }
                }
                return statuses;
            });
        }
        Map<String, Integer> counts = new TreeMap<>();
        for (Future<List<String>> done : threads.invokeAll(all)) {
            for (String status : done.get()) {
                counts.merge(status, 1, Integer::sum);
            }
        }
        return counts;
    }

    /** Waits until no request is under way or pending, and every connection that is open waits in a pool. */
    void settle() {
        await().atMost(SOON).pollInterval(Duration.ofMillis(1)).untilAsserted(() -> {
            MetricsReading metrics = metrics();
            PermitTable permits = rig.engine().tables().shared().permits();
            assertThat(metrics.value(Counter.REQUESTS_ACTIVE)).isZero();
            assertThat(permits.inUse(permits.slotOf("pending/up"))).isZero();
            assertThat(metrics.value(Counter.UPSTREAM_CONNECTIONS_OPEN))
                    .isEqualTo(metrics.value(Counter.UPSTREAM_CONNECTIONS_IDLE));
            assertThat(permits.inUse(permits.slotOf("pool/up")))
                    .isEqualTo(metrics.value(Counter.UPSTREAM_CONNECTIONS_IDLE));
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
        rig.close();
    }
}

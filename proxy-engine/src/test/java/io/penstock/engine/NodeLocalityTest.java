package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.ConfigWarning;
import io.penstock.config.HostPort;
import io.penstock.config.LocalityConfig;
import io.penstock.config.NodeLocality;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Share;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.transport.TransportChoice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a gateway is, told at its start, and what upstreams make of it. */
final class NodeLocalityTest {
    @TempDir
    private Path logs;

    private final Origins origins = new Origins();

    @AfterEach
    void nothingIsLeft() {
        origins.close();
    }

    private TargetConfig target(String zone, String region) {
        String address =
                origins.serve(exchange -> Origins.answer(exchange, 200, zone.getBytes(StandardCharsets.US_ASCII)));
        return new TargetConfig(HostPort.parse(address), Optional.empty(), 1, Optional.of(zone), Optional.of(region));
    }

    private ProxyConfig config(UpstreamConfig.Builder upstream) {
        return ProxyConfig.initial()
                .with(ConfigRig.web().build())
                .with(upstream.targets(target("a", "eu"), target("b", "eu"), target("far", "us"))
                        .build())
                .with(ServiceConfig.named("s", "u").build())
                .with(RouteConfig.named("r")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("s")
                        .build());
    }

    private static LocalityConfig locality(String zone, String region) {
        return new LocalityConfig(
                Optional.of(zone).filter(name -> !name.isEmpty()),
                Optional.of(region).filter(name -> !name.isEmpty()),
                Share.parse("70%"));
    }

    private List<ConfigWarning> publish(ProxyEngine engine, ProxyConfig config, long revision) throws Exception {
        Preparation.Ready ready = (Preparation.Ready) engine.prepare(config);
        engine.publish(ready.prepared(), revision)
                .active()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        return ready.warnings();
    }

    private static Set<String> asked(ProxyEngine engine) throws Exception {
        Set<String> zones = new HashSet<>();
        try (EngineClient client = new EngineClient(
                engine.readings().status().listeners().getFirst().address())) {
            for (int i = 0; i < 12; i++) {
                zones.add(client.get("/").substring(4));
            }
        }
        return zones;
    }

    private ProxyEngine start(int workers, NodeLocality place) throws Exception {
        return ProxyEngine.start(
                EngineOptions.of(workers, TransportChoice.NIO, logs, "test").at(place));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void eachGatewayPrefersItsOwnNeighbours(int workers) throws Exception {
        UpstreamConfig.Builder near = UpstreamConfig.named("u").locality(locality("", ""));
        try (ProxyEngine engine = start(workers, new NodeLocality(Optional.of("eu"), Optional.of("b")))) {
            assertThat(publish(engine, config(near), 1)).isEmpty();
            assertThat(asked(engine)).containsExactly("b");
            assertThat(engine.readings().status().locality().zone()).hasValue("b");
        }
        try (ProxyEngine engine = start(workers, new NodeLocality(Optional.of("us"), Optional.empty()))) {
            publish(engine, config(near), 1);
            assertThat(asked(engine)).containsExactly("far");
        }
    }

    @Test
    void anUpstreamsOwnWordCountsBeforeTheNodes() throws Exception {
        try (ProxyEngine engine = start(1, new NodeLocality(Optional.of("eu"), Optional.of("b")))) {
            publish(engine, config(UpstreamConfig.named("u").locality(locality("a", "eu"))), 1);
            assertThat(asked(engine)).containsExactly("a");

            publish(engine, config(UpstreamConfig.named("u")), 2);
            assertThat(asked(engine)).as("without locality nothing is nearer").hasSize(3);
        }
    }

    @Test
    void warnsWhereNobodySaysWhatIsNear() throws Exception {
        try (ProxyEngine engine = start(1, NodeLocality.UNKNOWN)) {
            assertThat(publish(engine, config(UpstreamConfig.named("u").locality(locality("", ""))), 1))
                    .singleElement()
                    .satisfies(warning -> {
                        assertThat(warning.pointer()).isEqualTo("/locality");
                        assertThat(warning.detail()).startsWith("nobody has said where this gateway is");
                    });
            assertThat(asked(engine)).hasSize(3);
        }
    }

    @Test
    void refusesNamesThatNobodyCouldMean() {
        assertThatThrownBy(() -> new NodeLocality(Optional.of(""), Optional.empty()))
                .hasMessageStartingWith("region: found \"\"");
        assertThatThrownBy(() -> new NodeLocality(Optional.empty(), Optional.of("a b")))
                .hasMessageStartingWith("zone: found \"a b\"");
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BalancerType;
import io.penstock.config.HashKey;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointDrain;
import io.penstock.engine.ToyEndpoint.Manner;
import io.penstock.transport.TransportChoice;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that come back to their endpoint by a cookie or a key, with one worker and with several. */
final class StickyCookieTest {
    private static final Pattern COOKIE =
            Pattern.compile("Set-Cookie: (penstock-target=[0-9a-f]{16}); Path=/; HttpOnly; SameSite=Lax\r\n");

    @TempDir
    private Path logs;

    private final List<ToyEndpoint> endpoints = new ArrayList<>();
    private final List<EngineRig> rigs = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (EngineRig rig : rigs) {
            rig.close();
        }
        for (ToyEndpoint endpoint : endpoints) {
            endpoint.close();
        }
    }

    private void start(int workers, UpstreamConfig.Builder upstream) throws Exception {
        for (int i = 0; i < 4; i++) {
            endpoints.add(new ToyEndpoint("e" + i, Manner.GOOD));
        }
        rigs.add(new EngineRig(
                TransportChoice.AUTO,
                workers,
                logs,
                upstream.targets(endpoints.stream()
                                .map(endpoint -> TargetConfig.of("127.0.0.1:" + endpoint.port()))
                                .toArray(TargetConfig[]::new))
                        .build()));
    }

    private record Answer(String head, String endpoint) {
        String cookie() {
            Matcher matcher = COOKIE.matcher(head);
            assertThat(matcher.find()).as(head).isTrue();
            return matcher.group(1);
        }
    }

    // On a connection of its own, so that any worker may take it.
    private Answer get(String fields) throws Exception {
        try (Peer client = rigs.getFirst().client("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")) {
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 200 OK\r\n");
            return new Answer(head, client.read(2));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void bringsAClientBackAndTellsItOnlyOnce(int workers) throws Exception {
        start(workers, UpstreamConfig.named("backend").balancer(BalancerType.STICKY));
        Set<String> cookies = new HashSet<>();
        Set<String> seen = new HashSet<>();
        while (seen.size() < 4) {
            Answer first = get("");
            seen.add(first.endpoint());
            cookies.add(first.cookie());
            for (int i = 0; i < 5; i++) {
                Answer next = get("Cookie: a=b; " + first.cookie() + "\r\n");
                assertThat(next.endpoint()).isEqualTo(first.endpoint());
                assertThat(next.head()).doesNotContain("Set-Cookie");
            }
        }

        assertThat(cookies).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789abcdef", "x", "", "0123456789abcdefg", "zzzzzzzzzzzzzzzz", "127.0.0.1:80"})
    void takesAnythingElseForNoCookie(String value) throws Exception {
        start(1, UpstreamConfig.named("backend").balancer(BalancerType.STICKY));

        assertThat(get("Cookie: penstock-target=" + value + "\r\n").cookie()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void sendsAClientElsewhereWhoseEndpointTakesNothing(int workers) throws Exception {
        start(workers, UpstreamConfig.named("backend").balancer(BalancerType.STICKY));
        Answer first = get("");
        int port = endpoints.get(first.endpoint().charAt(1) - '0').port();
        ProxyEngine engine = rigs.getFirst().engine();
        engine.drains(List.of(
                new EndpointDrain("backend", "127.0.0.1:" + port, Instant.now().plusSeconds(600))));

        Awaitility.await().untilAsserted(() -> {
            Answer next = get("Cookie: " + first.cookie() + "\r\n");
            assertThat(next.endpoint()).isNotEqualTo(first.endpoint());
            assertThat(next.cookie()).isNotEqualTo(first.cookie());
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void sendsOneKeyToOneEndpointWhicheverWorkerTakesIt(int workers) throws Exception {
        start(
                workers,
                UpstreamConfig.named("backend").balancer(BalancerType.MAGLEV).hashKey(HashKey.parse("header:X-User")));
        Set<String> seen = new HashSet<>();
        for (int user = 0; user < 40; user++) {
            String first = get("X-User: u" + user + "\r\n").endpoint();
            seen.add(first);
            for (int i = 0; i < 3; i++) {
                assertThat(get("X-User: u" + user + "\r\n").endpoint()).isEqualTo(first);
            }
        }

        assertThat(seen).hasSize(4);
    }
}

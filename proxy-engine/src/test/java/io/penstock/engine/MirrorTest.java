package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ByteSize;
import io.penstock.config.DurationText;
import io.penstock.config.FilterConfig;
import io.penstock.config.MirrorFilterConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Share;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.metrics.Counter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of requests to another service, between real peers. */
final class MirrorTest {
    @TempDir
    private Path logs;

    private final Origins origins = new Origins();
    private final List<String> copies = new CopyOnWriteArrayList<>();
    private final List<Socket> met = new CopyOnWriteArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ProxyConfig base = origins.with(
            origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "main"), "shadow", exchange -> {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                copies.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("X-Penstock-Mirror") + " "
                        + exchange.getRequestHeaders().getFirst("X-Forwarded-For") + " " + body);
                Origins.answer(exchange, 500, new byte[200_000]);
            });

    @AfterEach
    void nothingIsLeft() throws IOException {
        client.close();
        origins.close();
        for (Socket socket : met) {
            socket.close();
        }
    }

    private static RouteConfig route(FilterConfig... filters) {
        return RouteConfig.named("mirrored")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .service("main")
                .filters(filters)
                .build();
    }

    private HttpRequest.Builder request(ConfigRig rig, String path) {
        return HttpRequest.newBuilder(URI.create("http:/"
                + rig.engine().readings().status().listeners().getFirst().address() + path));
    }

    private String send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void awaitCopies(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> copies.size() >= count);
    }

    private static void awaitCount(ConfigRig rig, Counter counter, long count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> rig.engine().readings().metrics().value(counter) >= count);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void copiesWhatPassesAndThrowsTheAnswersAway(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(base.with(route(MirrorFilterConfig.to("shadow"))));

            assertThat(send(request(rig, "/a?b=1"))).isEqualTo("main");
            awaitCopies(1);
            assertThat(send(request(rig, "/post").POST(BodyPublishers.ofString("some body"))))
                    .isEqualTo("main");
            awaitCopies(2);
            String chunked = "x".repeat(40_000);
            assertThat(send(request(rig, "/chunked")
                            .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(chunked)))))
                    .isEqualTo("main");
            awaitCopies(3);

            assertThat(copies)
                    .containsExactly(
                            "GET /a?b=1 mirrored 127.0.0.1 ",
                            "POST /post mirrored 127.0.0.1 some body",
                            "POST /chunked mirrored 127.0.0.1 " + chunked);
            assertThat(rig.engine().readings().metrics().value(Counter.MIRRORS)).isEqualTo(3);
        }
    }

    @Test
    void copiesExactlyItsShareAndNoLongBody() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            MirrorFilterConfig tenth = new MirrorFilterConfig(
                    "shadow", Share.parse("10%"), ByteSize.parse("10"), Duration.ofSeconds(5), true);
            rig.publish(base.with(route(tenth)));
            for (int i = 0; i < 50; i++) {
                send(request(rig, "/" + i));
            }
            awaitCopies(5);
            rig.publish(base.with(route(new MirrorFilterConfig(
                    "shadow", Share.parse("100%"), ByteSize.parse("10"), Duration.ofSeconds(5), true))));
            assertThat(send(request(rig, "/long").POST(BodyPublishers.ofString("12345678901"))))
                    .isEqualTo("main");
            assertThat(send(request(rig, "/long")
                            .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString("12345678901")))))
                    .isEqualTo("main");

            awaitCount(rig, Counter.MIRRORS_DROPPED_BODY, 2);
            assertThat(copies).hasSize(5);
        }
    }

    @Test
    void doesNotCopyACopyNorToAServiceThatIsOff() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(route(MirrorFilterConfig.to("shadow"))));
            assertThat(send(request(rig, "/").header("X-Penstock-Mirror", "other")))
                    .isEqualTo("main");
            rig.publish(base.with(ServiceConfig.named("shadow", "shadow")
                            .enabled(false)
                            .build())
                    .with(route(MirrorFilterConfig.to("shadow"))));
            assertThat(send(request(rig, "/"))).isEqualTo("main");

            awaitCount(rig, Counter.MIRRORS_DROPPED_UNKNOWN, 1);
            assertThat(copies).isEmpty();
        }
    }

    @Test
    void aShadowThatNeverAnswersHoldsNobodyUpAndOnlySoMuch() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
                ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(UpstreamConfig.named("shadow")
                            .targets(TargetConfig.of("127.0.0.1:" + silent.getLocalPort()))
                            .build())
                    .with(route(MirrorFilterConfig.to("shadow"))));
            for (int i = 0; i < 600; i++) {
                assertThat(send(request(rig, "/"))).isEqualTo("main");
            }

            assertThat(rig.engine().readings().metrics().value(Counter.MIRRORS)).isEqualTo(512);
            assertThat(rig.engine().readings().metrics().value(Counter.MIRRORS_DROPPED_BUSY))
                    .isEqualTo(88);
        }
    }

    @Test
    void aShadowThatIsNotThereIsCounted() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(UpstreamConfig.named("shadow")
                            .targets(TargetConfig.of("127.0.0.1:" + ConfigRig.freePort()))
                            .build())
                    .with(route(MirrorFilterConfig.to("shadow"))));

            assertThat(send(request(rig, "/"))).isEqualTo("main");
            awaitCount(rig, Counter.MIRROR_FAILURES, 1);
        }
    }

    // A shadow on bare sockets, which does with each of its connections what a test says.
    private interface Shadow {
        void meet(Socket socket) throws IOException;
    }

    private ProxyConfig shadowed(ServerSocket server, Shadow shadow, MirrorFilterConfig mirror) {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    met.add(socket);
                    shadow.meet(socket);
                } catch (IOException over) {
                    // The test closes the server, or a connection was reset as it should be.
                }
            }
        });
        return base.with(UpstreamConfig.named("shadow")
                        .targets(TargetConfig.of("127.0.0.1:" + server.getLocalPort()))
                        .build())
                .with(route(mirror));
    }

    private static ServerSocket server() throws IOException {
        return new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    }

    private static MirrorFilterConfig within(String timeout, String bodyMax) {
        return new MirrorFilterConfig(
                "shadow", Share.parse("100%"), ByteSize.parse(bodyMax), DurationText.parse(timeout), true);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aShadowThatResetsItsConnectionsIsCounted(int workers) throws Exception {
        try (ServerSocket server = server();
                ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(shadowed(
                    server,
                    socket -> {
                        socket.setSoLinger(true, 0);
                        socket.close();
                    },
                    within("5s", "64KiB")));

            for (int i = 0; i < 20; i++) {
                assertThat(send(request(rig, "/").POST(BodyPublishers.ofString("some body"))))
                        .isEqualTo("main");
            }
            awaitCount(rig, Counter.MIRROR_FAILURES, 20);
            assertThat(rig.engine().readings().metrics().value(Counter.MIRRORS)).isEqualTo(20);
        }
    }

    @Test
    void aShadowThatStopsInTheMiddleOfItsAnswerIsGivenUp() throws Exception {
        try (ServerSocket server = server();
                ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(shadowed(
                    server,
                    socket -> socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"
                                    .getBytes(StandardCharsets.US_ASCII)),
                    within("300ms", "64KiB")));

            assertThat(send(request(rig, "/"))).isEqualTo("main");
            awaitCount(rig, Counter.MIRROR_FAILURES, 1);
        }
    }

    @Test
    void bodiesForAShadowThatTakesNoneFillNoMoreThanTheirRoom() throws Exception {
        int length = 60_000;
        int roomFor = (16 << 20) / length;
        try (ServerSocket server = server();
                ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(shadowed(server, socket -> {}, within("60s", "64KiB")));
            BodyPublisher body = BodyPublishers.ofByteArray(new byte[length]);
            for (int i = 0; i < roomFor + 100; i++) {
                assertThat(send(request(rig, "/").POST(body))).isEqualTo("main");
            }

            long sent = rig.engine().readings().metrics().value(Counter.MIRRORS);
            assertThat(sent).isBetween(roomFor * 3L / 4, (long) roomFor);
            assertThat(rig.engine().readings().metrics().value(Counter.MIRRORS_DROPPED_BUSY))
                    .isEqualTo(roomFor + 100 - sent);
        }
    }

    @Test
    void aClientThatBreaksOffItsBodyIsNotCopied() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(route(MirrorFilterConfig.to("shadow"))));
            try (EngineClient broken = rig.client()) {
                broken.send("/", "Content-Length: 100\r\n\r\nten bytes.");
            }
            assertThat(send(request(rig, "/whole"))).isEqualTo("main");
            awaitCopies(1);

            assertThat(copies).singleElement().asString().startsWith("GET /whole");
            assertThat(rig.engine().readings().metrics().value(Counter.MIRRORS)).isEqualTo(1);
        }
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.GrpcCheckConfig;
import io.penstock.config.HttpCheckConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.UpstreamProtocol;
import io.penstock.discovery.HealthCheck;
import io.penstock.discovery.HealthCheck.Answer;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks of an endpoint that speaks HTTP/2, on a real socket, well or wicked. */
final class Http2CheckTest {
    private static final int TIMEOUT_MS = 20_000;

    private final HealthProber prober = new HealthProber("test", upstream -> Optional.empty());
    private final Http2Answers asked = new Http2Answers();
    private ServerSocket endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        endpoint.setSoTimeout(TIMEOUT_MS);
    }

    @AfterEach
    void close() throws IOException {
        prober.close();
        endpoint.close();
    }

    private CompletableFuture<Answer> ask(ActiveHealthConfig check) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.getLocalPort());
        return prober.ask(new HealthCheck.Question(
                        "orders", address, "orders.internal:8080", check, UpstreamProtocol.HTTP2, Optional.empty()))
                .toCompletableFuture();
    }

    private static ActiveHealthConfig http(Map<String, Object> members) {
        return ActiveHealthConfig.of(RecordDefaults.of(HttpCheckConfig.class, members));
    }

    private static ActiveHealthConfig grpc(String service) {
        return ActiveHealthConfig.of(RecordDefaults.of(
                GrpcCheckConfig.class, service.isEmpty() ? Map.of() : Map.of("service", Optional.of(service))));
    }

    // The endpoint has heard the whole request.
    private Peer accept() throws IOException {
        Peer peer = new Peer(endpoint.accept(), TIMEOUT_MS);
        peer.readUntil(Http2Wire.PREFACE);
        while (!asked.isEnded(1)) {
            asked.sent(peer.readSome());
        }
        return peer;
    }

    private static Answer answer(CompletableFuture<Answer> asked) throws Exception {
        return asked.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    private static Http2Wire wire() {
        return new Http2Wire().settings();
    }

    private Answer answered(ActiveHealthConfig check, Http2Wire wire) throws Exception {
        CompletableFuture<Answer> answer = ask(check);
        try (Peer peer = accept()) {
            peer.send(wire.take());
            return answer(answer);
        }
    }

    @Nested
    class ByRequest {
        @Test
        void asksForThePathWithTheTargetAsAuthority() throws Exception {
            Answer answer = answered(
                    http(Map.of("path", "/healthz?deep=1")),
                    wire().settingsAck().headers(1, true, Http2Wire.block(":status", "204")));

            assertThat(answer).isEqualTo(new Answer(true, "status 204"));
            assertThat(asked.head(1))
                    .startsWith(
                            ":method: GET\n:scheme: http\n:authority: orders.internal:8080\n:path: /healthz?deep=1\n")
                    .contains("user-agent: penstock-health/test\n");
        }

        @Test
        void goesByTheStatusAloneHoweverLongTheBody() throws Exception {
            assertThat(answered(http(Map.of()), wire().headers(1, false, Http2Wire.block(":status", "500"))))
                    .isEqualTo(new Answer(false, "status 500"));
        }

        @Test
        void waitsForTheFinalHead() throws Exception {
            assertThat(answered(
                            http(Map.of()),
                            wire().headers(1, false, Http2Wire.block(":status", "103"))
                                    .ping(7)
                                    .headers(1, true, Http2Wire.block(":status", "200"))))
                    .isEqualTo(new Answer(true, "status 200"));
        }

        @Test
        void isNotTakenInByHttp1() throws Exception {
            assertThat(answered(http(Map.of()), new Http2Wire().text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")))
                    .isEqualTo(new Answer(false, "its answer is no HTTP/2"));
        }

        @Test
        void hearsWhyItIsTurnedAway() throws Exception {
            assertThat(answered(http(Map.of()), wire().reset(1, ErrorCode.REFUSED_STREAM)))
                    .isEqualTo(new Answer(false, "it reset the request: REFUSED_STREAM"));
        }

        @Test
        void waitsNoLongerForOneThatOnlyPings() throws Exception {
            CompletableFuture<Answer> answer = ask(http(Map.of("timeout", Duration.ofMillis(500))));
            try (Peer peer = accept()) {
                peer.send(wire().take());
                while (!answer.isDone()) {
                    peer.send(new Http2Wire().ping(1).take());
                }
            } catch (IOException closed) {
                // As it should be.
            }
            assertThat(answer(answer).isGood()).isFalse();
        }

        @Test
        void survivesWhateverComes() throws Exception {
            Random random = new Random(9113);
            for (int i = 0; i < 200; i++) {
                byte[] noise = new byte[60];
                random.nextBytes(noise);
                CompletableFuture<Answer> answer = ask(http(Map.of()));
                try (Peer peer = new Peer(endpoint.accept(), TIMEOUT_MS)) {
                    peer.send(wire().frame(random.nextInt(10), random.nextInt(256), random.nextInt(3), noise)
                            .text(new String(noise, StandardCharsets.ISO_8859_1))
                            .take());
                    peer.endOutput();
                    assertThat(answer(answer).isGood()).isFalse();
                }
            }
        }
    }

    @Nested
    class OfGrpc {
        private Http2Wire serving(int status) {
            return wire().headers(1, false, Http2Wire.block(":status", "200", "content-type", "application/grpc"))
                    .data(1, "\0\0\0\0\2\10" + (char) status, false)
                    .headers(1, true, Http2Wire.block("grpc-status", "0"));
        }

        private Http2Wire outcome(String status, String message) {
            return wire().headers(
                            1,
                            true,
                            Http2Wire.block(
                                    ":status",
                                    "200",
                                    "content-type",
                                    "application/grpc",
                                    "grpc-status",
                                    status,
                                    "grpc-message",
                                    message));
        }

        @Test
        void asksTheHealthService() throws Exception {
            assertThat(answered(grpc("shop.Orders"), serving(1))).isEqualTo(new Answer(true, "SERVING"));

            assertThat(asked.head(1))
                    .startsWith(":method: POST\n")
                    .contains(
                            ":path: /grpc.health.v1.Health/Check\n",
                            "content-type: application/grpc\n",
                            "te: trailers\n");
            assertThat(asked.body(1)).isEqualTo("\0\0\0\0\15\12\13shop.Orders");
        }

        @Test
        void asksForTheTargetAsAWholeWhereNoServiceIsNamed() throws Exception {
            assertThat(answered(grpc(""), serving(1)).isGood()).isTrue();

            assertThat(asked.body(1)).isEqualTo("\0\0\0\0\0");
        }

        @ParameterizedTest
        @CsvSource({"0, UNKNOWN", "2, NOT_SERVING", "3, SERVICE_UNKNOWN", "9, its answer is no HealthCheckResponse"})
        void takesNothingElseForGood(int status, String told) throws Exception {
            assertThat(answered(grpc(""), serving(status))).isEqualTo(new Answer(false, told));
        }

        @Test
        void takesAnEmptyMessageForUnknown() throws Exception {
            assertThat(answered(
                            grpc(""),
                            wire().headers(1, false, Http2Wire.block(":status", "200"))
                                    .data(1, "\0\0\0\0\0", false)
                                    .headers(1, true, Http2Wire.block("grpc-status", "0"))))
                    .isEqualTo(new Answer(false, "UNKNOWN"));
        }

        @Test
        void saysPlainlyThatThereIsNoHealthService() throws Exception {
            Answer answer = answered(grpc(""), outcome("12", "unknown service"));

            assertThat(answer.isGood()).isFalse();
            assertThat(answer.detail()).startsWith("UNIMPLEMENTED: the target has no health service of gRPC");
        }

        @Test
        void saysPlainlyThatTheServiceIsUnknown() throws Exception {
            assertThat(answered(grpc("a.B"), outcome("5", "")))
                    .isEqualTo(new Answer(false, "NOT_FOUND: the target knows no service \"a.B\""));
        }

        @Test
        void tellsOtherOutcomes() throws Exception {
            assertThat(answered(grpc(""), outcome("14", "no database")))
                    .isEqualTo(new Answer(false, "grpc-status 14: no database"));
        }

        @ParameterizedTest
        @CsvSource({"01000000020801", "0000000003080108", "00000000021001", "0000000002ffff", "00", "000000000208"})
        void isNotTakenInByWhatIsNoMessage(String hex) throws Exception {
            StringBuilder body = new StringBuilder();
            for (int i = 0; i < hex.length(); i += 2) {
                body.append((char) Integer.parseInt(hex.substring(i, i + 2), 16));
            }
            assertThat(answered(
                            grpc(""),
                            wire().headers(1, false, Http2Wire.block(":status", "200"))
                                    .data(1, body.toString(), false)
                                    .headers(1, true, Http2Wire.block("grpc-status", "0"))))
                    .isEqualTo(new Answer(false, "its answer is no HealthCheckResponse"));
        }

        @Test
        void readsNoMoreThanAShortBody() throws Exception {
            assertThat(answered(
                            grpc(""),
                            wire().headers(1, false, Http2Wire.block(":status", "200"))
                                    .frame(FrameType.DATA, 0, 1, new byte[16_000])))
                    .isEqualTo(new Answer(false, "the body of its answer is too long"));
        }
    }
}

package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.CorsConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.Setting;
import io.penstock.config.UpstreamProtocol;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of browsers and an endpoint of gRPC, octet by octet, through a whole worker. */
final class GrpcWebCallTest {
    private static final String MESSAGE = "\0\0\0\0\5hello";
    private static final String REPLY = "\0\0\0\0\3hey";
    private static final String DONE = "\u0080\0\0\0\17grpc-status:0\r\n";

    private WorkerHarness worker = new WorkerHarness();
    private final Http2Answers asked = new Http2Answers();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void serve(RouteConfig.Builder route) {
        worker = WorkerHarness.with(route.grpcWeb(true), "10.0.0.1:80");
        worker.publish(
                WorkerHarness.upstream("10.0.0.1:80")
                        .protocol(UpstreamProtocol.HTTP2)
                        .build(),
                WorkerHarness.listener().http2(true).build());
    }

    private void serve() {
        serve(WorkerHarness.route());
    }

    private static String head(String type, String more) {
        return "POST /greet.Greeter/Hello HTTP/1.1\r\nHost: a\r\nContent-Type: " + type + "\r\n" + more + "\r\n";
    }

    private static String call(String type, String body) {
        return head(type, "Content-Length: " + body.length() + "\r\n") + body;
    }

    private static String text(String octets) {
        return Base64.getEncoder().encodeToString(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Http2Answers asked() {
        FakeChannel endpoint = worker.loop().lastConnect();
        if (!endpoint.isOpen()) {
            endpoint.open();
            endpoint.deliver(new Http2Wire().settings().take());
        }
        String sent = endpoint.sent();
        return asked.sent(sent.startsWith(Http2Wire.PREFACE) ? sent.substring(Http2Wire.PREFACE.length()) : sent);
    }

    private void answers(Http2Wire wire) {
        worker.loop().lastConnect().deliver(wire.take());
        worker.run();
    }

    private static byte[] grpc(String... more) {
        String[] pairs = new String[4 + more.length];
        System.arraycopy(new String[] {":status", "200", "content-type", "application/grpc+proto"}, 0, pairs, 0, 4);
        System.arraycopy(more, 0, pairs, 4, more.length);
        return Http2Wire.block(pairs);
    }

    private static String chunk(String body) {
        return Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    }

    private static Http2Wire reply(String... trailers) {
        return new Http2Wire()
                .headers(1, false, grpc("x-custom", "a"))
                .data(1, REPLY, false)
                .headers(1, true, Http2Wire.block(trailers));
    }

    @Nested
    class InOctets {
        @Test
        void becomesACallOfGrpc() {
            serve();
            FakeChannel client = worker.client(call("application/grpc-web+proto", MESSAGE));

            assertThat(asked().head(1))
                    .contains("content-type: application/grpc+proto\n", "te: trailers\n")
                    .doesNotContain("grpc-web");
            assertThat(asked().body(1)).isEqualTo(MESSAGE);
            assertThat(asked().isEnded(1)).isTrue();
            assertThat(worker.count(Counter.GRPC_WEB_CALLS)).isEqualTo(1);
            client.fail(CloseCause.RESET);
        }

        @Test
        void hasTheTrailersAsItsLastFrame() {
            serve();
            FakeChannel client = worker.client(call("application/grpc-web", MESSAGE));

            asked();
            answers(reply("grpc-status", "0"));

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("content-type: application/grpc-web+proto\r\n", "x-custom: a\r\n")
                    .doesNotContain("grpc-status: ")
                    .endsWith("\r\n\r\n" + chunk(REPLY) + chunk(DONE) + "0\r\n\r\n");
        }

        @Test
        void hearsEachMessageWhenItIsSent() {
            serve();
            FakeChannel client = worker.client(call("application/grpc-web", MESSAGE));
            asked();

            answers(new Http2Wire().headers(1, false, grpc()).data(1, REPLY, false));
            assertThat(client.sent()).endsWith(chunk(REPLY));
            answers(new Http2Wire().data(1, REPLY, false));
            assertThat(client.sent()).isEqualTo(chunk(REPLY));
            answers(new Http2Wire().headers(1, true, Http2Wire.block("grpc-status", "0")));

            assertThat(client.sent()).isEqualTo(chunk(DONE) + "0\r\n\r\n");
        }

        @Test
        void hearsAnOutcomeWithoutAMessageInAFrameToo() {
            serve();
            FakeChannel client = worker.client(call("application/grpc-web", MESSAGE));

            asked();
            answers(new Http2Wire()
                    .headers(1, true, grpc("grpc-status", "5", "x-custom", "a", "grpc-message", "no such")));

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("Content-Length: 42\r\n", "x-custom: a\r\n")
                    .doesNotContain("grpc-status: ")
                    .endsWith("\r\n\r\n\u0080\0\0\0\45grpc-status:5\r\ngrpc-message:no such\r\n");
        }

        @Test
        void hearsOfARefusalInAFrame() {
            serve(WorkerHarness.route().body(new BodyConfig(Optional.of(new ByteSize(4)))));

            FakeChannel client = worker.client(call("application/grpc-web", MESSAGE));

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains(
                            "content-type: application/grpc-web\r\n",
                            "X-Penstock-Reason: body-too-large\r\n",
                            "\r\n\r\n\u0080\0\0\0")
                    .contains("grpc-status:8\r\ngrpc-message:body-too-large: ")
                    .endsWith("\r\n");
        }

        @Test
        void isEndedByItsDeadline() {
            serve();
            FakeChannel client =
                    worker.client(head("application/grpc-web", "Content-Length: 0\r\ngrpc-timeout: 100m\r\n"));
            asked();

            worker.advance(Duration.ofMillis(150));

            assertThat(client.sent()).contains("grpc-status:4\r\n");
            asked();
        }

        @Test
        void passesOnWhatIsNoAnswerOfGrpc() {
            serve();
            FakeChannel client = worker.client(call("application/grpc-web", MESSAGE));

            asked();
            answers(new Http2Wire()
                    .headers(1, false, Http2Wire.block(":status", "503", "content-type", "text/html"))
                    .data(1, "<p>no", true));

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("content-type: text/html\r\n")
                    .endsWith(chunk("<p>no") + "0\r\n\r\n");
        }

        @Test
        void readsNoMoreThanItsClientTakes() {
            serve();
            FakeChannel client = worker.client(call("application/grpc-web", MESSAGE));
            asked();
            client.stall();
            answers(new Http2Wire().headers(1, false, grpc()).data(1, "m".repeat(16_000), false));
            for (int i = 0; i < 3; i++) {
                answers(new Http2Wire().data(1, "m".repeat(16_000), false));
            }
            assertThat(asked().frames(FrameType.WINDOW_UPDATE, 1)).hasSizeLessThan(2);
            client.fail(CloseCause.RESET);
            worker.run();
            asked();
        }
    }

    @Nested
    class AsText {
        @Test
        void isDecodedHoweverItIsCut() {
            String text = text(MESSAGE) + text(MESSAGE) + text("\0\0\0\0\1x");
            for (int cut = 1; cut < text.length(); cut++) {
                serve();
                FakeChannel client = worker.client(
                        head("application/grpc-web-text+proto", "Content-Length: " + text.length() + "\r\n"));
                asked();

                client.deliver(text.substring(0, cut));
                client.deliver(text.substring(cut));

                Http2Answers all = new Http2Answers();
                String sent = worker.loop().lastConnect().sent();
                all.sent(sent);
                assertThat(all.body(1)).isEqualTo(MESSAGE + MESSAGE + "\0\0\0\0\1x");
                assertThat(all.isEnded(1)).isTrue();
                client.fail(CloseCause.RESET);
                worker.run();
                worker.close();
            }
        }

        @Test
        void isDecodedHoweverManyOctetsThereAre() {
            serve();
            Random random = new Random(4648);
            StringBuilder octets = new StringBuilder();
            for (int i = 0; i < 40_000; i++) {
                octets.append((char) random.nextInt(256));
            }
            FakeChannel client = worker.client(call("application/grpc-web-text", text(octets.toString())));

            assertThat(asked().head(1)).contains("content-type: application/grpc\n");
            assertThat(asked().head(1)).doesNotContain("content-length");
            assertThat(asked().body(1)).isEqualTo(octets.toString());
            client.fail(CloseCause.RESET);
            worker.run();
        }

        @Test
        void isAnsweredAsText() {
            serve();
            FakeChannel client = worker.client(call("application/grpc-web-text+proto", text(MESSAGE)));

            asked();
            answers(reply("grpc-status", "0"));

            assertThat(client.sent())
                    .contains("content-type: application/grpc-web-text+proto\r\n")
                    .endsWith("\r\n\r\n" + chunk(text(REPLY)) + chunk(text(DONE)) + "0\r\n\r\n");
        }

        @Test
        void isWhatTheAnswerIsWhereItIsAccepted() {
            serve();
            FakeChannel client = worker.client(head(
                            "application/grpc-web",
                            "Accept: application/grpc-web-text\r\nContent-Length: " + MESSAGE.length() + "\r\n")
                    + MESSAGE);

            asked();
            answers(reply("grpc-status", "0"));

            assertThat(asked().body(1)).isEqualTo(MESSAGE);
            assertThat(client.sent()).contains("grpc-web-text+proto\r\n").contains(chunk(text(DONE)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"AAAA*AAA", "AAA", "A===", "AA=A", "====", "AAAAA", "AAAA\r\nAA", "AA-_"})
        void isRefusedIfItIsNone(String broken) {
            serve();
            FakeChannel client =
                    worker.client(head("application/grpc-web-text", "Content-Length: " + broken.length() + "\r\n"));
            asked();

            client.deliver(broken);

            String answer = client.sent();
            assertThat(answer).contains("X-Penstock-Reason: bad-grpc-web\r\n");
            String frame = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertThat(new String(Base64.getDecoder().decode(frame), StandardCharsets.ISO_8859_1))
                    .startsWith("\u0080\0\0\0")
                    .contains("grpc-status:13\r\n");
            assertThat(worker.count(Reason.BAD_GRPC_WEB)).isEqualTo(1);
            asked();
        }
    }

    @Nested
    class ByHttp2 {
        @Test
        void isTheSame() {
            serve();
            FakeChannel client = worker.client();
            client.deliver(Http2Wire.client()
                    .post(1, "/greet.Greeter/Hello", "content-type", "application/grpc-web+proto")
                    .data(1, MESSAGE, true)
                    .take());

            assertThat(asked().body(1)).isEqualTo(MESSAGE);
            answers(reply("grpc-status", "0"));

            Http2Answers answers = new Http2Answers().sent(client.sent());
            assertThat(answers.head(1)).contains("content-type: application/grpc-web+proto\n");
            assertThat(answers.body(1)).isEqualTo(REPLY + DONE);
            assertThat(answers.isEnded(1)).isTrue();
            assertThat(answers.frames(1, 1)).hasSize(1);
        }
    }

    @Test
    void isReadableForPagesOfOtherOrigins() {
        serve(WorkerHarness.route().cors(Setting.of(CorsConfig.of("https://shop.example"))));
        FakeChannel client = worker.client(head(
                        "application/grpc-web",
                        "Origin: https://shop.example\r\nContent-Length: " + MESSAGE.length() + "\r\n")
                + MESSAGE);

        asked();
        answers(reply("grpc-status", "0"));

        assertThat(client.sent())
                .contains("Access-Control-Allow-Origin: https://shop.example\r\n")
                .contains(chunk(DONE));
    }

    @Test
    void isLeftAloneWhereTheRouteDoesNotSaySo() {
        serve(WorkerHarness.route());
        worker.publish(WorkerHarness.route().build());
        FakeChannel client = worker.client(call("application/grpc-web", MESSAGE));

        assertThat(asked().head(1)).contains("content-type: application/grpc-web\n");
        client.fail(CloseCause.RESET);
        worker.run();
        asked();
    }
}

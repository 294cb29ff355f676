package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.coding.CodingException;
import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.config.FilterConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.BodyReader;
import io.penstock.spi.FilterCall;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeBodyFilter;
import io.penstock.worker.WorkerHarness;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Coded bodies and the filters that want to see them as they are meant. */
final class CodedBodyTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String VALIDATED = String.join(
            "\r\n",
            "Content-Encoding: gzip",
            "ETag: \"v1\"",
            "Content-MD5: x",
            "Repr-Digest: y",
            "Accept-Ranges: bytes",
            "");
    private static final int MANY = 300_000;

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeBodyFilter outer = new FakeBodyFilter();
    private final FakeBodyFilter inner = new FakeBodyFilter();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().openCodings()).isZero();
        worker.close();
    }

    private void serve() {
        FilterConfig[] filters = {worker.filter("outer", outer), worker.filter("inner", inner)};
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route().filters(filters).build()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(String text) {
        return WholeBody.encoded(ContentCoding.GZIP, bytes(text));
    }

    private static String text(int length) {
        StringBuilder text = new StringBuilder(length);
        Random random = new Random(20_261_121);
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private static byte[] message(String head, byte[] body) {
        byte[] headBytes = head.getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = Arrays.copyOf(headBytes, headBytes.length + body.length);
        System.arraycopy(body, 0, whole, headBytes.length, body.length);
        return whole;
    }

    private static byte[] response(String fields, byte[] body) {
        return message("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n" + fields + "\r\n", body);
    }

    private static byte[] post(String fields, byte[] body) {
        return message(
                "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n" + fields + "\r\n", body);
    }

    private FakeChannel answered(byte[] response) {
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(response);
        return client;
    }

    private static String bodyOf(String message, ContentCoding coding) throws CodingException {
        return new String(WholeBody.decoded(coding, unchunked(message), 1 << 20), StandardCharsets.UTF_8);
    }

    private static byte[] unchunked(String message) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = message.indexOf("\r\n\r\n") + 4;
        while (true) {
            int end = message.indexOf("\r\n", at);
            int length = Integer.parseInt(message.substring(at, end), 16);
            if (length == 0) {
                return body.toByteArray();
            }
            body.writeBytes(message.substring(end + 2, end + 2 + length).getBytes(StandardCharsets.ISO_8859_1));
            at = end + 2 + length + 2;
        }
    }

    private FakeBodyFilter upperOfResponses() {
        return inner.decodes().onResponseBody(FakeBodyFilter::upper);
    }

    @Nested
    class OfAResponse {
        @ParameterizedTest
        @EnumSource
        void isDecodedForTheHookAndCodedAgainBehindIt(ContentCoding coding) throws CodingException {
            upperOfResponses();
            serve();

            String sent = answered(response(
                            "Content-Encoding: " + coding.token() + "\r\n",
                            WholeBody.encoded(coding, bytes("hello, coded world"))))
                    .sent();

            assertThat(inner.seen()).containsExactly("hello, coded world", ".");
            assertThat(sent)
                    .contains("Content-Encoding: " + coding.token() + "\r\n", "Transfer-Encoding: chunked\r\n")
                    .doesNotContain("Content-Length");
            assertThat(bodyOf(sent, coding)).isEqualTo("HELLO, CODED WORLD");
        }

        @Test
        void isSeenDecodedByAllHooksOfItsMessage() throws CodingException {
            upperOfResponses();
            outer.onResponseBody((chunk, call) -> Verdict.CONTINUE);
            serve();

            String sent = answered(response("Content-Encoding: gzip\r\n", gzip("hello")))
                    .sent();

            assertThat(outer.seen()).containsExactly("HELLO", ".");
            assertThat(bodyOf(sent, ContentCoding.GZIP)).isEqualTo("HELLO");
        }

        @Test
        void goesOnAsItIsWhereNobodyWantsItDecoded() {
            inner.onResponseBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            byte[] coded = gzip("hello");

            String sent =
                    answered(response("Content-Encoding: gzip\r\n", coded)).sent();

            assertThat(unchunked(sent)).isEqualTo(coded);
        }

        @Test
        void keepsItsHeadTrue() {
            upperOfResponses();
            serve();

            String sent = answered(response(VALIDATED, gzip("hello"))).sent();

            assertThat(sent)
                    .containsIgnoringCase("etag: W/\"v1\"\r\n")
                    .doesNotContain("Content-MD5", "Repr-Digest", "Accept-Ranges");
        }

        @Test
        void leavesAsSoonAsItCame() {
            upperOfResponses();
            serve();
            byte[] coded = WholeBody.encoded(ContentCoding.GZIP, bytes(text(40_000)));
            byte[] whole = response("Content-Encoding: gzip\r\n", coded);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(Arrays.copyOf(whole, whole.length / 2));

            assertThat(inner.seen()).isNotEmpty();
            assertThat(client.sent().length()).isGreaterThan(whole.length / 3);
            worker.endpoint().deliver(Arrays.copyOfRange(whole, whole.length / 2, whole.length));
        }

        @Test
        void isDecodedNoFasterThanTheClientReads() throws CodingException {
            String text = text(MANY);
            upperOfResponses();
            serve();
            FakeChannel client = worker.client(GET);
            client.stall();
            worker.endpoint().deliver(response("Content-Encoding: gzip\r\n", gzip(text)));
            int seenWhileStalled = inner.seen().size();
            client.unstall();
            worker.loop().run();

            assertThat(seenWhileStalled).isLessThan(inner.seen().size() - 1);
            assertThat(bodyOf(client.sent(), ContentCoding.GZIP)).isEqualTo(text.toUpperCase(Locale.ROOT));
        }

        @Test
        void waitsForAHookInTheMiddle() throws CodingException {
            String text = text(MANY);
            List<BodyChunk> chunks = new ArrayList<>();
            inner.decodes().onResponseBody((chunk, call) -> {
                chunks.add(chunk);
                return chunks.size() == 2 ? inner.suspend(call) : Verdict.CONTINUE;
            });
            serve();
            FakeChannel client = answered(
                    response("Content-Encoding: br\r\n", WholeBody.encoded(ContentCoding.BROTLI, bytes(text))));
            assertThat(chunks).hasSize(2);

            inner.resume(Verdict.CONTINUE);
            worker.loop().run();

            assertThat(bodyOf(client.sent(), ContentCoding.BROTLI)).isEqualTo(text);
        }

        @ParameterizedTest
        @EnumSource
        void isGivenUpEarlyWhereItIsABomb(ContentCoding coding) {
            upperOfResponses();
            serve();

            FakeChannel client = answered(response(
                    "Content-Encoding: " + coding.token() + "\r\n", WholeBody.encoded(coding, new byte[32 << 20])));

            assertThat(client.isAborted()).isTrue();
            assertThat(worker.count(Reason.UPSTREAM_CODING_RATIO)).isEqualTo(1);
        }

        @Test
        void breaksTheTransferWhereItsCodingIsBroken() {
            upperOfResponses();
            serve();
            byte[] coded = gzip(text(1_000));

            FakeChannel client =
                    answered(response("Content-Encoding: gzip\r\n", Arrays.copyOf(coded, coded.length - 9)));

            assertThat(client.isAborted()).isTrue();
            assertThat(worker.count(Reason.UPSTREAM_BAD_CODING)).isEqualTo(1);
        }

        @Test
        void mayHaveNoByteAtAll() {
            upperOfResponses();
            serve();

            String sent = answered(bytes(
                            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                    .sent();

            assertThat(sent).startsWith("HTTP/1.1 200 ").endsWith("0\r\n\r\n");
        }

        @Test
        void isReadDecodedAndGoesOnCoded() {
            List<String> read = new ArrayList<>();
            inner.decodes().onResponse(call -> read(call, 100, read));
            serve();
            byte[] coded = gzip("hello");
            FakeChannel client = answered(response("Content-Encoding: gzip\r\n", coded));
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();

            assertThat(read).containsExactly("hello");
            assertThat(client.sent())
                    .contains("Content-Encoding: gzip\r\n")
                    .endsWith(new String(coded, StandardCharsets.ISO_8859_1));
        }

        @Test
        void isTooLongToReadByWhatItComesTo() {
            List<String> read = new ArrayList<>();
            inner.decodes().onResponse(call -> read(call, 100, read));
            serve();
            FakeChannel client = answered(response("Content-Encoding: gzip\r\n", gzip("a".repeat(101))));
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();

            assertThat(read).containsExactly("too large");
            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("response-body-too-large");
        }

        @Test
        void isRefusedWhereItIsReadAndBroken() {
            List<String> read = new ArrayList<>();
            inner.decodes().onResponse(call -> read(call, 100, read));
            serve();
            FakeChannel client = answered(response("Content-Encoding: gzip\r\n", bytes("no gzip")));
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();

            assertThat(read.getFirst()).startsWith("unreadable");
            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("upstream-bad-coding");
        }

        @Test
        void isCodedAgainWhereItWasReplaced() throws CodingException {
            inner.decodes().onResponse(call -> {
                call.body(bytes("another"));
                return Verdict.CONTINUE;
            });
            serve();

            String sent = answered(response(
                            "Content-Encoding: zstd\r\nETag: \"v1\"\r\n",
                            WholeBody.encoded(ContentCoding.ZSTD, bytes("hello"))))
                    .sent();

            int end = sent.indexOf("\r\n\r\n") + 4;
            byte[] body = sent.substring(end).getBytes(StandardCharsets.ISO_8859_1);
            assertThat(sent)
                    .containsIgnoringCase("content-encoding: zstd\r\n")
                    .contains("Content-Length: " + body.length + "\r\n")
                    .doesNotContain("ETag");
            assertThat(WholeBody.decoded(ContentCoding.ZSTD, body, 100))
                    .asString()
                    .isEqualTo("another");
        }

        @Test
        void isCodedAgainBehindHooksWhereItWasReplaced() throws CodingException {
            inner.decodes().onResponse(call -> {
                call.body(bytes("another"));
                return Verdict.CONTINUE;
            });
            outer.onResponseBody(FakeBodyFilter::upper);
            serve();

            String sent = answered(response("Content-Encoding: gzip\r\n", gzip("hello")))
                    .sent();

            assertThat(outer.seen()).containsExactly("another", ".");
            assertThat(bodyOf(sent, ContentCoding.GZIP)).isEqualTo("ANOTHER");
        }
    }

    private Verdict read(FilterCall call, int bytesMax, List<String> read) {
        Verdict verdict = inner.suspend(call);
        call.readBody(bytesMax, new BodyReader() {
            @Override
            public void complete(byte[] body) {
                read.add(new String(body, StandardCharsets.UTF_8));
            }

            @Override
            public void tooLarge() {
                read.add("too large");
            }

            @Override
            public void unreadable(String why) {
                read.add("unreadable: " + why);
            }
        });
        return verdict;
    }

    @Nested
    class OfARequest {
        @ParameterizedTest
        @EnumSource
        void isDecodedForTheHookAndCodedAgainBehindIt(ContentCoding coding) throws CodingException {
            inner.decodes().onRequestBody(FakeBodyFilter::upper);
            serve();
            FakeChannel client = worker.client();
            client.deliver(post(
                    "Content-Encoding: " + coding.token() + "\r\nContent-Digest: x\r\n",
                    WholeBody.encoded(coding, bytes("hello"))));
            String sent = worker.endpoint().sent();
            worker.endpoint().deliver(response("", bytes("ok")));

            assertThat(inner.seen()).containsExactly("hello", ".");
            assertThat(sent)
                    .contains("Content-Encoding: " + coding.token() + "\r\n")
                    .doesNotContain("Content-Digest");
            assertThat(bodyOf(sent, coding)).isEqualTo("HELLO");
        }

        @Test
        void isDecodedNoFasterThanTheEndpointReads() throws CodingException {
            String text = text(MANY);
            inner.decodes().onRequestBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            FakeChannel client = worker.client();
            client.deliver(post("Content-Encoding: gzip\r\n", new byte[0]).clone());
            worker.endpoint().deliver(response("", bytes("ok")));
            client.sent();
            byte[] coded = gzip(text);
            client.deliver(message(
                    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: " + coded.length
                            + "\r\n\r\n",
                    Arrays.copyOf(coded, 100)));
            worker.endpoint().stall();
            client.deliver(Arrays.copyOfRange(coded, 100, coded.length));
            int seenWhileStalled = inner.seen().size();
            worker.endpoint().unstall();
            worker.loop().run();
            String sent = worker.endpoint().sent();
            worker.endpoint().deliver(response("", bytes("ok")));

            assertThat(seenWhileStalled).isLessThan(inner.seen().size() - 1);
            assertThat(bodyOf(sent.substring(sent.lastIndexOf("POST /a")), ContentCoding.GZIP))
                    .isEqualTo(text);
        }

        @Test
        void isRefusedWhereItIsABomb() {
            inner.decodes().onRequestBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            FakeChannel client = worker.client();
            client.deliver(
                    post("Content-Encoding: br\r\n", WholeBody.encoded(ContentCoding.BROTLI, new byte[32 << 20])));

            worker.endpoint();
            assertThat(client.sent()).startsWith("HTTP/1.1 413 ").contains("coding-ratio");
        }

        @Test
        void isRefusedWhereItsCodingIsBroken() {
            inner.decodes().onRequestBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            FakeChannel client = worker.client();
            client.deliver(post("Content-Encoding: gzip\r\n", bytes("no gzip at all")));

            worker.endpoint();
            assertThat(client.sent()).startsWith("HTTP/1.1 400 ").contains("bad-coding");
        }

        @Test
        void isReadDecodedAndCodedAgainWhereItWasReplaced() throws CodingException {
            List<String> read = new ArrayList<>();
            List<FilterCall> calls = new ArrayList<>();
            inner.decodes().onRequest(call -> {
                calls.add(call);
                return read(call, 100, read);
            });
            serve();
            FakeChannel client = worker.client();
            client.deliver(post("Content-Encoding: gzip\r\n", gzip("hello")));
            calls.getFirst().body(bytes("another"));
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();
            String sent = worker.endpoint().sent();
            worker.endpoint().deliver(response("", bytes("ok")));

            assertThat(read).containsExactly("hello");
            byte[] body = sent.substring(sent.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.ISO_8859_1);
            assertThat(sent).containsIgnoringCase("content-encoding: gzip\r\n");
            assertThat(WholeBody.decoded(ContentCoding.GZIP, body, 100))
                    .asString()
                    .isEqualTo("another");
        }
    }

    @Test
    void areNoMoreAtATimeThanAWorkerHasRoomFor() {
        inner.decodes().onResponseBody((chunk, call) -> inner.suspend(call));
        serve();
        List<FakeChannel> clients = new ArrayList<>();
        for (int i = 0; i < OpenCodings.OPEN_MAX; i++) {
            clients.add(answered(response("Content-Encoding: gzip\r\n", gzip("hello"))));
        }

        assertThat(answered(response("Content-Encoding: gzip\r\n", gzip("hello")))
                        .sent())
                .startsWith("HTTP/1.1 503 ")
                .contains("codings-full");
        clients.forEach(client -> client.fail(CloseCause.RESET));
    }
}

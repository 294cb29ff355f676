package io.penstock.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import io.penstock.http2.PeerSettings;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.Channel;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** HTTP/2 towards clients, frame by frame, through a whole worker. */
final class Http2ConnectionTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String[] NONE = {};
    private static final int WINDOW = PeerSettings.WINDOW_BYTES;

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");
    private final Http2Answers answers = new Http2Answers();
    private FakeChannel client = open();

    private FakeChannel open() {
        worker.publish(WorkerHarness.listener().http2(true).build());
        return worker.client();
    }

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void send(Http2Wire wire) {
        client.deliver(wire.take());
        look();
    }

    private void look() {
        answers.sent(client.sent());
    }

    private void begin(Http2Wire more) {
        Http2Wire all = Http2Wire.client();
        client.deliver(all.take());
        send(more);
    }

    private FakeChannel endpoint(int index) {
        FakeChannel channel = worker.loop().connects().get(index);
        if (!channel.isOpen() && !channel.isClosed() && !channel.isAborted()) {
            channel.open();
        }
        return channel;
    }

    private void answer(int index, String response) {
        endpoint(index).deliver(response);
        look();
    }

    private static Http2Wire wire() {
        return new Http2Wire();
    }

    @Nested
    class OnOneConnection {
        @Test
        void answersARequest() {
            begin(wire().get(1, "/a?b=c", "accept", "*/*"));

            assertThat(endpoint(0).sent())
                    .startsWith("GET /a?b=c HTTP/1.1\r\nHost: a\r\naccept: */*\r\n")
                    .doesNotContain(":path");
            answer(0, OK);

            assertThat(answers.head(1)).startsWith(":status: 200\n").contains("content-length: 2\n");
            assertThat(answers.body(1)).isEqualTo("ok");
            assertThat(answers.isEnded(1)).isTrue();
            assertThat(answers.resets(1)).isEmpty();
            assertThat(worker.count(Counter.HTTP2_CONNECTIONS)).isEqualTo(1);
        }

        @Test
        void understandsItsClientHoweverTheBytesAreCut() {
            byte[] bytes = Http2Wire.client()
                    .get(1, "/")
                    .post(3, "/")
                    .data(3, "body", true)
                    .take();

            for (byte one : bytes) {
                client.deliver(new byte[] {one});
            }
            endpoint(0);
            endpoint(1);
            answer(0, OK);
            answer(1, OK);

            assertThat(answers.body(1)).isEqualTo("ok");
            assertThat(answers.body(3)).isEqualTo("ok");
        }

        @Test
        void answersInTheOrderInWhichEndpointsAnswer() {
            begin(wire().get(1, "/1").get(3, "/2"));
            endpoint(0);
            endpoint(1);

            answer(1, OK);
            assertThat(answers.isEnded(3)).isTrue();
            assertThat(answers.isEnded(1)).isFalse();
            answer(0, OK);

            assertThat(answers.isEnded(1)).isTrue();
        }

        @Test
        void servesOneRequestAfterAnotherWithTheSameObjects() {
            begin(wire());
            for (int id = 1; id < 400; id += 2) {
                send(wire().get(id, "/"));
                endpoint(0);
                answer(0, OK);
                assertThat(answers.body(id)).isEqualTo("ok");
            }

            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void recordsItsProtocol() {
            begin(wire().get(1, "/"));
            endpoint(0);
            answer(0, OK);

            TrailEntry entry = worker.records().getFirst();
            assertThat(entry.toString()).contains("HTTP/2.0");
        }

        @Test
        void passesTrailersAndABodyOfUnknownLengthOn() {
            begin(wire().get(1, "/", "te", "trailers"));
            assertThat(endpoint(0).sent()).contains("TE: trailers\r\n");

            answer(0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n");

            assertThat(answers.head(1)).doesNotContain("transfer-encoding").doesNotContain("content-length");
            assertThat(answers.body(1)).isEqualTo("abc");
            assertThat(answers.frames(FrameType.HEADERS, 1).getLast().text()).isEqualTo("x-sum: 7\n");
            assertThat(answers.frames(FrameType.HEADERS, 1).getLast().isLast()).isTrue();
        }

        @Test
        void passesInformationalHeadsOn() {
            begin(wire().get(1, "/"));
            endpoint(0);
            answer(0, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK);

            assertThat(answers.frames(FrameType.HEADERS, 1)).hasSize(2);
            assertThat(answers.head(1)).isEqualTo(":status: 103\nlink: </a>\n");
        }

        @Test
        void leavesTheBodyOfAHeadRequestOut() {
            begin(wire().headers(1, true, Http2Wire.block(Http2Wire.request("HEAD", "/nowhere"))));
            endpoint(0);
            answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");

            assertThat(answers.head(1)).contains("content-length: 2\n");
            assertThat(answers.isEnded(1)).isTrue();
            assertThat(answers.body(1)).isEmpty();
        }

        @Test
        void breaksTheStreamOfATruncatedAnswerAndNoOther() {
            begin(wire().get(1, "/").get(3, "/"));
            endpoint(0);
            endpoint(1);
            answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
            endpoint(0).endInput();
            look();
            answer(1, OK);

            assertThat(answers.resets(1)).containsExactly(ErrorCode.INTERNAL_ERROR);
            assertThat(answers.isEnded(1)).isFalse();
            assertThat(answers.body(3)).isEqualTo("ok");
        }

        @Test
        void takesAPrefaceForNoRequest() {
            begin(wire());

            assertThat(worker.count(Counter.REQUESTS)).isZero();
            assertThat(worker.count(Counter.REQUESTS_ACTIVE)).isZero();
        }
    }

    @Nested
    class OfRequestBodies {
        @Test
        void goInChunksWhereNoLengthIsDeclared() {
            begin(wire().post(1, "/"));
            assertThat(endpoint(0).sent()).contains("Transfer-Encoding: chunked\r\n");
            send(wire().data(1, "hello", false).data(1, "", true));

            assertThat(endpoint(0).sent()).isEqualTo("5\r\nhello\r\n0\r\n\r\n");
            answer(0, OK);
            assertThat(answers.isEnded(1)).isTrue();
            assertThat(answers.resets(1)).isEmpty();
        }

        @Test
        void waitInBoundsUntilTheEndpointIsThere() {
            begin(wire().post(1, "/", "content-length", "30000"));
            for (int i = 0; i < 3; i++) {
                send(wire().data(1, "x".repeat(10_000), i == 2));
            }
            assertThat(answers.frames(FrameType.WINDOW_UPDATE, 1)).isEmpty();

            String sent = endpoint(0).sent();

            assertThat(sent).endsWith("x".repeat(30_000));
            answer(0, OK);
            assertThat(answers.body(1)).isEqualTo("ok");
        }

        @Test
        void openTheWindowAsTheyAreTaken() {
            begin(wire().post(1, "/"));
            endpoint(0);
            for (int i = 0; i < 8; i++) {
                send(wire().data(1, "x".repeat(16_000), false));
            }

            assertThat(answers.frames(FrameType.WINDOW_UPDATE, 1)).isNotEmpty();
            send(wire().data(1, "", true));
            answer(0, OK);
            assertThat(answers.body(1)).isEqualTo("ok");
        }

        @Test
        void openTheWindowByTheirPaddingToo() {
            begin(wire().post(1, "/"));
            endpoint(0);
            byte[] padding = new byte[256];
            padding[0] = (byte) 255;
            for (int i = 0; i < 130; i++) {
                send(wire().frame(FrameType.DATA, FrameType.PADDED, 1, padding));
                if (i > 80) {
                    // Frames of nothing else cost, and what they cost comes back with time.
                    worker.advance(Duration.ofMillis(200));
                }
            }

            assertThat(answers.goAways()).isEmpty();
            assertThat(answers.frames(FrameType.WINDOW_UPDATE, 1)).hasSize(1);
        }

        @Test
        void doNotPassTheWindow() {
            begin(wire().post(1, "/"));
            for (int i = 0; i < 5; i++) {
                send(wire().data(1, "x".repeat(16_000), false));
            }

            assertThat(answers.resets(1)).containsExactly(ErrorCode.FLOW_CONTROL_ERROR);
        }

        @Test
        void carryTrailers() {
            begin(wire().post(1, "/"));
            endpoint(0).sent();
            send(wire().data(1, "a", false).headers(1, true, Http2Wire.block("x-sum", "1")));

            assertThat(endpoint(0).sent()).isEqualTo("1\r\na\r\n0\r\nx-sum: 1\r\n\r\n");
            answer(0, OK);
        }

        @Test
        void areCutOffByAnEarlyAnswer() {
            begin(wire().post(1, "/"));
            endpoint(0);
            answer(0, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");

            assertThat(answers.head(1)).startsWith(":status: 403\n");
            assertThat(answers.resets(1)).containsExactly(ErrorCode.NO_ERROR);
            send(wire().data(1, "late", true));
            assertThat(answers.goAways()).isEmpty();
        }

        @Test
        void mustMakeProgress() {
            begin(wire().post(1, "/"));
            endpoint(0);
            worker.advance(Duration.ofSeconds(11));
            look();

            assertThat(answers.head(1)).startsWith(":status: 408\n");
            assertThat(answers.goAways()).isEmpty();
        }
    }

    @Nested
    class AgainstSmuggling {
        private void isRefused(String reason) {
            assertThat(answers.head(1)).startsWith(":status: 400\n").contains("x-penstock-reason: " + reason + "\n");
            assertThat(answers.resets(1)).containsExactly(ErrorCode.PROTOCOL_ERROR);
        }

        @Test
        void refusesMoreDataThanWasDeclared() {
            begin(wire().post(1, "/", "content-length", "3"));
            endpoint(0).sent();
            send(wire().data(1, "abcGET / HTTP/1.1\r\n", false));

            isRefused("bad-framing");
            assertThat(endpoint(0).isAborted()).isTrue();
            assertThat(endpoint(0).sent()).isEmpty();
        }

        @Test
        void refusesLessDataThanWasDeclared() {
            begin(wire().post(1, "/", "content-length", "9"));
            endpoint(0);
            send(wire().data(1, "abc", true));

            isRefused("bad-framing");
            assertThat(endpoint(0).isAborted()).isTrue();
        }

        @Test
        void holdsAHeadOfLengthZeroUntilItsStreamHasEnded() {
            begin(wire().post(1, "/", "content-length", "0"));
            assertThat(worker.connects()).isZero();

            send(wire().data(1, "", true));

            assertThat(endpoint(0).sent()).startsWith("POST / ").contains("Content-Length: 0\r\n");
            answer(0, OK);
        }

        @Test
        void refusesDataBehindALengthOfZero() {
            begin(wire().post(1, "/", "content-length", "0"));
            send(wire().data(1, "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n", true));

            isRefused("bad-framing");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void givesUpAHeadOfLengthZeroThatNeverEnds() {
            begin(wire().post(1, "/", "content-length", "0"));
            worker.advance(Duration.ofSeconds(11));
            look();

            assertThat(answers.head(1)).startsWith(":status: 408\n");
        }

        @Test
        void refusesALineBreakInAValue() {
            begin(wire().get(1, "/", "x", "a\r\nTransfer-Encoding: chunked"));

            isRefused("bad-field");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void refusesFieldsOfAConnection() {
            begin(wire().post(1, "/", "transfer-encoding", "chunked"));

            isRefused("bad-field");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void refusesPseudoFieldsInTrailers() {
            begin(wire().post(1, "/"));
            endpoint(0);
            send(wire().headers(1, true, Http2Wire.block(":path", "/admin")));

            isRefused("bad-field");
            assertThat(endpoint(0).isAborted()).isTrue();
        }
    }

    @Nested
    class OfWindows {
        private static final String LONG = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";

        @Test
        void sendNoMoreThanTheStreamsWindow() {
            begin(wire().get(1, "/"));
            endpoint(0);
            answer(0, LONG + "x".repeat(100_000));

            assertThat(answers.body(1)).hasSize(WINDOW);
            assertThat(endpoint(0).isReceiving()).isFalse();
            send(wire().window(0, 1 << 20).window(1, 1 << 20));
            assertThat(answers.body(1)).hasSize(100_000);
            answer(0, "x".repeat(100_000));

            assertThat(answers.body(1)).hasSize(200_000);
            assertThat(answers.isEnded(1)).isTrue();
        }

        @Test
        void sendNothingIntoAClosedOne() {
            client.deliver(Http2Wire.client()
                    .settings(PeerSettings.INITIAL_WINDOW_SIZE, 0)
                    .take());
            send(wire().get(1, "/"));
            endpoint(0);
            answer(0, OK);

            assertThat(answers.head(1)).startsWith(":status: 200\n");
            assertThat(answers.body(1)).isEmpty();
            send(wire().window(1, 1));
            assertThat(answers.body(1)).isEqualTo("o");
            send(wire().settings(PeerSettings.INITIAL_WINDOW_SIZE, 1));
            assertThat(answers.body(1)).isEqualTo("ok");
            assertThat(answers.isEnded(1)).isTrue();
        }

        @Test
        void giveUpAStreamWhoseWindowStaysClosed() {
            client.deliver(Http2Wire.client()
                    .settings(PeerSettings.INITIAL_WINDOW_SIZE, 0)
                    .take());
            send(wire().get(1, "/"));
            endpoint(0);
            answer(0, LONG + "x".repeat(1000));
            worker.advance(Duration.ofSeconds(11));
            look();

            assertThat(answers.resets(1)).containsExactly(ErrorCode.CANCEL);
            assertThat(worker.count(Reason.WRITE_TIMEOUT)).isEqualTo(1);
            assertThat(endpoint(0).isAborted()).isTrue();
            assertThat(answers.goAways()).isEmpty();
        }

        @Test
        void letStreamsTakeTurns() {
            begin(wire().window(0, 1 << 20).get(1, "/").get(3, "/"));
            endpoint(0);
            endpoint(1);
            answer(0, LONG + "x".repeat(60_000));
            answer(1, LONG + "y".repeat(60_000));
            client.stall();
            send(wire().window(1, 1 << 20).window(3, 1 << 20));
            for (int i = 0; i < 10; i++) {
                endpoint(0).deliver("x".repeat(14_000));
                endpoint(1).deliver("y".repeat(14_000));
            }
            for (int i = 0; i < 40; i++) {
                client.drain(Channel.HIGH_WATER_BYTES);
            }
            client.unstall();
            look();

            assertThat(answers.body(1)).hasSize(200_000);
            assertThat(answers.body(3)).hasSize(200_000);
        }

        @Test
        void mayNotOpenBeyondTheirBound() {
            begin(wire().get(1, "/").window(1, Integer.MAX_VALUE));
            assertThat(answers.resets(1)).containsExactly(ErrorCode.FLOW_CONTROL_ERROR);
            send(wire().window(0, Integer.MAX_VALUE));

            assertThat(answers.goAways()).containsExactly(ErrorCode.FLOW_CONTROL_ERROR);
        }
    }

    @Nested
    class OfBounds {
        @Test
        void refuseStreamsBeyondTheirNumber() {
            Http2Wire many = wire();
            for (int id = 1; id <= 257; id += 2) {
                many.get(id, "/");
            }
            begin(many);

            assertThat(worker.exchanges().running()).isEqualTo(128);
            assertThat(answers.resets(257)).containsExactly(ErrorCode.REFUSED_STREAM);
            assertThat(worker.count(Counter.HTTP2_STREAMS_REFUSED)).isEqualTo(1);
        }

        @Test
        void answerAHeadThatIsTooLarge() {
            begin(wire());
            Http2Wire large = wire();
            byte[] block =
                    Http2Wire.block(Http2Wire.request("GET", "/", "x", "y".repeat(40_000), "z", "w".repeat(25_400)));
            large.frame(FrameType.HEADERS, FrameType.END_STREAM, 1, java.util.Arrays.copyOf(block, 16_000));
            for (int from = 16_000; from < block.length; from += 16_000) {
                int to = Math.min(block.length, from + 16_000);
                large.frame(
                        FrameType.CONTINUATION,
                        to == block.length ? FrameType.END_HEADERS : 0,
                        1,
                        java.util.Arrays.copyOfRange(block, from, to));
            }
            send(large);

            assertThat(answers.head(1)).startsWith(":status: 431\n");
            assertThat(answers.goAways()).isEmpty();
        }

        @Test
        void endAConnectionThatResetsAllItBegins() {
            begin(wire());
            for (int id = 1; id < 2000 && answers.goAways().isEmpty(); id += 2) {
                send(wire().get(id, "/").reset(id, ErrorCode.CANCEL));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
            assertThat(worker.count(Counter.HTTP2_MISBEHAVIOURS)).isEqualTo(1);
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void keepAConnectionThatResetsSomeOfWhatItBegins() {
            begin(wire());
            for (int id = 1; id < 2000; id += 4) {
                send(wire().get(id, "/").reset(id, ErrorCode.CANCEL).get(id + 2, "/"));
                worker.endpoint();
                worker.endpoint().deliver(OK);
                look();
            }

            assertThat(answers.goAways()).isEmpty();
        }

        @Test
        void endAConnectionThatSendsOnlyControlFrames() {
            begin(wire());
            for (int i = 0; i < 2000 && answers.goAways().isEmpty(); i++) {
                send(wire().ping(i));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void endAConnectionThatFloodsAHead() {
            begin(wire().frame(
                            FrameType.HEADERS,
                            FrameType.END_STREAM,
                            1,
                            Http2Wire.block(Http2Wire.request("GET", "/"))));
            for (int i = 0; i < 100 && answers.goAways().isEmpty(); i++) {
                send(wire().frame(FrameType.CONTINUATION, 0, 1, Http2Wire.block("x", "y")));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void endAConnectionWhoseHeadIsSlow() {
            begin(wire().get(1, "/"));
            endpoint(0);
            answer(0, OK);
            send(wire().frame(
                            FrameType.HEADERS,
                            FrameType.END_STREAM,
                            3,
                            Http2Wire.block(Http2Wire.request("GET", "/"))));
            worker.advance(Duration.ofSeconds(11));
            look();

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
            assertThat(worker.count(Reason.HEAD_TIMEOUT)).isEqualTo(1);
        }

        // An upload of which the next frame is always half here, a second a frame.
        private void uploadGoesOn() {
            byte[] frame = wire().data(1, "x".repeat(1000), false).take();
            byte[] half = java.util.Arrays.copyOf(frame, 500);
            byte[] rest = java.util.Arrays.copyOfRange(frame, 500, frame.length);
            client.deliver(half);
            for (int second = 0; second < 15; second++) {
                worker.advance(Duration.ofSeconds(1));
                client.deliver(rest);
                client.deliver(half);
                look();
            }
        }

        // An upload is under way, and a stream too many was refused: its head was whole, which ends the wait for it.
        @Test
        void takeARefusedHeadForNoSlowOne() {
            begin(wire().post(1, "/"));
            endpoint(0);
            Http2Wire many = wire();
            for (int id = 3; id <= 257; id += 2) {
                many.get(id, "/");
            }
            send(many);
            assertThat(answers.resets(257)).containsExactly(ErrorCode.REFUSED_STREAM);
            for (int i = 1; i < worker.connects(); i++) {
                endpoint(i);
            }
            uploadGoesOn();

            assertThat(answers.goAways()).isEmpty();
            assertThat(worker.count(Reason.HEAD_TIMEOUT)).isZero();
        }

        @Test
        void takeLateTrailersForNoSlowHead() {
            begin(wire().post(1, "/").post(3, "/"));
            endpoint(0);
            answer(1, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
            send(wire().headers(3, true, Http2Wire.block("x-sum", "1")));
            uploadGoesOn();

            assertThat(answers.goAways()).isEmpty();
        }

        @Test
        void takeTrailersOfAStreamThatIsLongForgottenForLate() {
            begin(wire().post(1, "/"));
            answer(0, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
            for (int id = 3; id < 3 + 2 * 128; id += 2) {
                send(wire().get(id, "/"));
                worker.endpoint();
                worker.endpoint().deliver("HTTP/1.1 204 No\r\n\r\n");
                look();
            }
            send(wire().headers(1, true, Http2Wire.block("x-sum", "1")));
            assertThat(answers.goAways()).isEmpty();
            for (int i = 0; i < 1100 && answers.goAways().isEmpty(); i++) {
                send(wire().headers(1, true, Http2Wire.block("x-sum", "1")));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void endAConnectionThatSendsEmptyFrames() {
            begin(wire().post(1, "/"));
            endpoint(0);
            for (int i = 0; i < 1000 && answers.goAways().isEmpty(); i++) {
                send(wire().data(1, "", false));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void endAConnectionWhoseCompressionIsOutOfStep() {
            begin(wire().headers(1, true, (byte) 0xbe));

            assertThat(answers.goAways()).containsExactly(ErrorCode.COMPRESSION_ERROR);
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void makeAClientWaitThatDoesNotReadItsAnswers() {
            begin(wire());
            client.stall();
            for (int id = 1; id < 4000; id += 2) {
                client.deliver(wire().get(id, "/nowhere", NONE).take());
                if (worker.exchanges().running() > 0) {
                    worker.endpoint().deliver("HTTP/1.1 204 No\r\nX-Long: " + "x".repeat(500) + "\r\n\r\n");
                }
            }

            assertThat(client.undelivered()).isPositive();
            assertThat(client.pendingBytes()).isLessThan(200_000);
            client.unstall();
            assertThat(client.undelivered()).isLessThan(100_000);
        }
    }

    @Nested
    class OfItsBudget {
        private static final int DOWNLOAD = 100 << 20;

        private void pingsAreOneTooMany() {
            for (int i = 0; i < 600 && answers.goAways().isEmpty(); i++) {
                send(wire().ping(i));
            }
            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        // A client that opens both windows by what it has read, each time that it has read so much; 0 for each frame.
        private void downloads(int readBytes) {
            begin(wire().settings(PeerSettings.INITIAL_WINDOW_SIZE, 4 << 20)
                    .window(0, 1 << 30)
                    .get(1, "/"));
            endpoint(0).deliver("HTTP/1.1 200 OK\r\nContent-Length: " + DOWNLOAD + "\r\n\r\n");
            String piece = "x".repeat(64 * 1024);
            int read = 0;
            while (read < DOWNLOAD && answers.goAways().isEmpty()) {
                endpoint(0).deliver(piece);
                look();
                Http2Wire updates = wire();
                for (Http2Answers.Frame frame : answers.frames(FrameType.DATA, 1)) {
                    int left = frame.text().length();
                    read += left;
                    while (left > 0) {
                        int bytes = readBytes == 0 ? left : Math.min(readBytes, left);
                        updates.window(0, bytes).window(1, bytes);
                        left -= bytes;
                    }
                }
                answers.frames().clear();
                send(updates);
            }

            assertThat(answers.goAways()).isEmpty();
            assertThat(read).isEqualTo(DOWNLOAD);
        }

        @Test
        void letsAClientOpenItsWindowsForEachPieceThatItReads() {
            downloads(4096);
        }

        @Test
        void letsAClientOpenItsWindowsForEachFrame() {
            downloads(0);
        }

        @Test
        void endsAConnectionThatOpensWindowsOfNoBody() {
            begin(wire().get(1, "/"));
            for (int i = 0; i < 2000 && answers.goAways().isEmpty(); i++) {
                send(wire().window(0, 1));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void isNotPaidForByBodyThatNobodyHasTaken() {
            begin(wire());
            String body = "x".repeat(256);
            for (int id = 1; id < 2000 && answers.goAways().isEmpty(); id += 2) {
                send(wire().post(id, "/").data(id, body, false).reset(id, ErrorCode.CANCEL));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void isNotPaidForByALittleBodyOfStreamsThatAreReset() {
            begin(wire());
            String body = "x".repeat(256);
            for (int id = 1; id < 2000 && answers.goAways().isEmpty(); id += 2) {
                int before = worker.connects();
                send(wire().post(id, "/"));
                if (worker.connects() > before) {
                    endpoint(before);
                }
                send(wire().data(id, body, false).reset(id, ErrorCode.CANCEL));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void isNotPaidForByBodyOfStreamsThatHaveEnded() {
            begin(wire().post(1, "/"));
            answer(0, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
            String body = "x".repeat(256);
            for (int i = 0; i < 1000 && answers.goAways().isEmpty(); i++) {
                send(wire().data(1, body, false).ping(i).ping(i));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void paysForLateBody() {
            begin(wire().post(1, "/"));
            answer(0, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
            for (int i = 0; i < 1100 && answers.goAways().isEmpty(); i++) {
                send(wire().data(1, "x", false));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void paysForFramesOfPaddingAlone() {
            begin(wire().post(1, "/"));
            endpoint(0);
            for (int i = 0; i < 1000 && answers.goAways().isEmpty(); i++) {
                send(wire().frame(FrameType.DATA, FrameType.PADDED, 1, (byte) 0));
            }

            assertThat(answers.goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void letsAClientGiveUpLongUploads() {
            begin(wire());
            for (int id = 1; id < 60; id += 2) {
                int before = worker.connects();
                send(wire().post(id, "/"));
                endpoint(before);
                for (int i = 0; i < 20; i++) {
                    send(wire().data(id, "x".repeat(16_000), false));
                }
                send(wire().reset(id, ErrorCode.CANCEL));
            }

            assertThat(answers.goAways()).isEmpty();
            pingsAreOneTooMany();
        }
    }

    @Nested
    class WhenItEnds {
        @Test
        void saysGoodbyeTwiceWhileStreamsAreOpen() {
            begin(wire().get(1, "/"));
            endpoint(0);
            worker.drain();
            look();
            assertThat(answers.frames(FrameType.GOAWAY, 0)).hasSize(1);
            assertThat(answers.frames(FrameType.GOAWAY, 0).getFirst().int32(0)).isEqualTo(Integer.MAX_VALUE);

            send(wire().get(3, "/"));
            send(wire().frame(
                            FrameType.PING,
                            FrameType.ACK,
                            0,
                            "goodbye!".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            assertThat(answers.frames(FrameType.GOAWAY, 0).getLast().int32(0)).isEqualTo(3);
            send(wire().get(5, "/"));
            assertThat(answers.resets(5)).containsExactly(ErrorCode.REFUSED_STREAM);
            endpoint(1);
            answer(0, OK);
            answer(1, OK);

            assertThat(answers.body(1)).isEqualTo("ok");
            assertThat(answers.body(3)).isEqualTo("ok");
            assertThat(client.isFinished()).isTrue();
        }

        @Test
        void atTheDeadlineOpenStreamsAreResetAndItSaysWhichWasTheLast() {
            begin(wire().get(1, "/").get(3, "/"));
            endpoint(0);
            endpoint(1);
            worker.drain();

            worker.close();

            look();
            assertThat(answers.resets(1)).containsExactly(ErrorCode.CANCEL);
            assertThat(answers.resets(3)).containsExactly(ErrorCode.CANCEL);
            assertThat(answers.frames(FrameType.GOAWAY, 0).getLast().int32(0)).isEqualTo(3);
            assertThat(client.isClosed()).isTrue();
            assertThat(client.isAborted()).isFalse();
        }

        @Test
        void endsAnIdleConnectionAfterItsTime() {
            begin(wire().get(1, "/"));
            endpoint(0);
            answer(0, OK);
            worker.advance(Duration.ofSeconds(61));
            look();

            assertThat(answers.goAways()).containsExactly(ErrorCode.NO_ERROR);
            client.endInput();
            assertThat(client.isOpen()).isFalse();
        }

        @Test
        void endsAConnectionOnWhichNothingIsAsked() {
            begin(wire());
            worker.advance(Duration.ofSeconds(11));
            look();

            assertThat(answers.goAways()).containsExactly(ErrorCode.NO_ERROR);
        }

        @Test
        void tellsTheExchangesOfAClientThatIsGone() {
            begin(wire().get(1, "/").get(3, "/"));
            endpoint(0);
            endpoint(1);
            client.fail(io.penstock.transport.CloseCause.RESET);

            assertThat(worker.exchanges().running()).isZero();
            assertThat(worker.count(Reason.CLIENT_CLOSED)).isEqualTo(2);
        }

        @Test
        void answersAClientThatHasHalfClosed() {
            begin(wire().get(1, "/"));
            endpoint(0);
            client.endInput();
            answer(0, OK);

            assertThat(answers.body(1)).isEqualTo("ok");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Nested
    class WhereItIsNotWanted {
        @Test
        void getsACleanClose() {
            worker.publish(WorkerHarness.listener().build());
            FakeChannel refused = worker.client();
            refused.deliver(Http2Wire.client().take());

            assertThat(refused.sent()).isEmpty();
            assertThat(worker.count(Reason.HTTP2_UNAVAILABLE)).isEqualTo(1);
        }

        @Test
        void isNoMatterToClientsOfHttp1() {
            FakeChannel plain = worker.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            worker.endpoint().deliver(OK);

            assertThat(plain.sent()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }
}

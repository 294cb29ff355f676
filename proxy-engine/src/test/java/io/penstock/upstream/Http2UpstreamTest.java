package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BalancerType;
import io.penstock.config.HashKey;
import io.penstock.config.ServiceConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import io.penstock.http2.PeerSettings;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeBodyFilter;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** HTTP/2 towards endpoints, frame by frame, through a whole worker whose clients speak HTTP/1 or HTTP/2. */
final class Http2UpstreamTest {
    private static final String GET = "GET /a?b HTTP/1.1\r\nHost: shop\r\n\r\n";
    private static final String CHUNKED =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: TE\r\nTE: trailers\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

    private WorkerHarness worker = started();
    private final List<FakeChannel> clients = new ArrayList<>();
    private final List<Http2Answers> asked = new ArrayList<>();

    private static WorkerHarness started() {
        WorkerHarness harness = WorkerHarness.to("10.0.0.1:80");
        harness.publish(
                WorkerHarness.upstream("10.0.0.1:80")
                        .protocol(UpstreamProtocol.HTTP2)
                        .build(),
                WorkerHarness.listener().http2(true).build());
        return harness;
    }

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private FakeChannel client(String request) {
        FakeChannel client = worker.client(request);
        clients.add(client);
        return client;
    }

    private FakeChannel endpoint(int index) {
        FakeChannel channel = worker.loop().connects().get(index);
        if (!channel.isOpen() && !channel.isClosed() && !channel.isAborted()) {
            channel.open();
            channel.deliver(new Http2Wire().settings().take());
        }
        return channel;
    }

    // What the endpoint at the end of a connection was sent, without the preface.
    private Http2Answers asked(int connection) {
        while (asked.size() <= connection) {
            asked.add(new Http2Answers());
        }
        String sent = endpoint(connection).sent();
        if (sent.startsWith(Http2Wire.PREFACE)) {
            sent = sent.substring(Http2Wire.PREFACE.length());
        }
        return asked.get(connection).sent(sent);
    }

    private void answers(int connection, Http2Wire wire) {
        endpoint(connection).deliver(wire.take());
        worker.run();
    }

    private void allAreAnswered() {
        assertThat(clients).allSatisfy(client -> assertThat(client.sent()).startsWith("HTTP/1.1 200"));
    }

    private static Http2Wire wire() {
        return new Http2Wire();
    }

    private static byte[] ok(String... more) {
        String[] pairs = new String[2 + more.length];
        pairs[0] = ":status";
        pairs[1] = "200";
        System.arraycopy(more, 0, pairs, 2, more.length);
        return Http2Wire.block(pairs);
    }

    @Nested
    class OfOneConnection {
        @Test
        void carriesARequestOfHttp1() {
            FakeChannel client = client(GET);

            assertThat(asked(0).head(1))
                    .contains(":method: GET\n", ":scheme: http\n", ":path: /a?b\n", ":authority: shop\n")
                    .contains("x-forwarded-proto: http\n")
                    .doesNotContain("\nhost:");
            assertThat(asked(0).isEnded(1)).isTrue();
            answers(
                    0,
                    wire().headers(1, false, ok("content-length", "2", "x-a", "b"))
                            .data(1, "ok", true));

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("x-a: b\r\n", "Content-Length: 2\r\n")
                    .endsWith("\r\n\r\nok");
        }

        @Test
        void carriesManyRequestsAtOnce() {
            client(GET);
            endpoint(0);
            client(GET);
            client(GET);

            assertThat(worker.connects()).isEqualTo(1);
            answers(0, wire().headers(5, false, ok()).data(5, "third", true));
            answers(0, wire().headers(1, false, ok()).data(1, "first", true));
            answers(0, wire().headers(3, true, ok()));

            assertThat(clients.get(0).sent()).contains("first");
            assertThat(clients.get(1).sent()).contains("Content-Length: 0\r\n");
            assertThat(clients.get(2).sent()).contains("third");
            assertThat(worker.count(Counter.UPSTREAM_REUSES)).isEqualTo(2);
        }

        @Test
        void waitsForTheOneThatIsBeingMade() {
            client(GET);
            client(GET);
            client(GET);
            assertThat(worker.connects()).isEqualTo(1);

            assertThat(asked(0).frames(FrameType.HEADERS, 5)).hasSize(1);
            answers(0, wire().headers(1, true, ok()).headers(3, true, ok()).headers(5, true, ok()));

            allAreAnswered();
        }

        @Test
        void passesBodiesAndTrailersBothWays() {
            FakeChannel client = client(CHUNKED);
            assertThat(asked(0).head(1)).contains("te: trailers\n").doesNotContain("transfer-encoding");
            client.deliver("3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");

            assertThat(asked(0).body(1)).isEqualTo("abc");
            assertThat(asked(0).frames(FrameType.HEADERS, 1).getLast().text()).isEqualTo("x-sum: 1\n");
            assertThat(asked(0).isEnded(1)).isTrue();
            answers(
                    0,
                    wire().headers(1, false, ok())
                            .data(1, "xyz", false)
                            .headers(1, true, Http2Wire.block("x-end", "2")));

            assertThat(client.sent()).endsWith("3\r\nxyz\r\n0\r\nx-end: 2\r\n\r\n");
        }

        @Test
        void leavesOutTrailersThatDescribeTheMessage() {
            FakeChannel client = client(CHUNKED + "0\r\n\r\n");
            asked(0);
            answers(
                    0,
                    wire().headers(1, false, ok())
                            .data(1, "ok", false)
                            .headers(
                                    1,
                                    true,
                                    Http2Wire.block(
                                            "content-length", "2", "x-sum", "1", "host", "b", "set-cookie", "c")));

            assertThat(client.sent()).endsWith("\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n");
        }

        @Test
        void passesOnWhatClientsOfHttp2Ask() {
            FakeChannel client = worker.client();
            Http2Answers got = new Http2Answers();
            client.deliver(Http2Wire.client()
                    .post(1, "/call", "te", "trailers", "content-type", "application/grpc")
                    .data(1, "question", true)
                    .take());

            assertThat(asked(0).body(1)).isEqualTo("question");
            answers(
                    0,
                    wire().headers(1, false, ok("content-type", "application/grpc"))
                            .data(1, "answer", false)
                            .headers(1, true, Http2Wire.block("grpc-status", "0")));
            got.sent(client.sent());

            assertThat(got.body(1)).isEqualTo("answer");
            assertThat(got.frames(FrameType.HEADERS, 1).getLast().text()).isEqualTo("grpc-status: 0\n");
        }

        @Test
        void opensAnotherWhereStreamsAreUsedUp() {
            client(GET);
            endpoint(0);
            answers(0, wire().settings(PeerSettings.MAX_CONCURRENT_STREAMS, 1));
            client(GET);

            assertThat(worker.connects()).isEqualTo(2);
            answers(0, wire().headers(1, true, ok()));
            answers(1, wire().headers(1, true, ok()));
            allAreAnswered();
        }

        @Test
        void staysHoweverManyWindowUpdatesCarryBodies() {
            FakeChannel client = client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
            endpoint(0);
            for (int id = 1; id < 4000; id += 2) {
                answers(0, wire().window(0, 2).window(id, 2).headers(id, true, ok()));
                client.deliver("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
            }

            assertThat(asked(0).goAways()).isEmpty();
            assertThat(worker.connects()).isEqualTo(1);
            client.fail(CloseCause.RESET);
        }

        @Test
        void closesWhenItHasBeenIdleForLong() {
            client(GET);
            answers(0, wire().headers(1, true, ok()));
            assertThat(worker.count(Counter.UPSTREAM_CONNECTIONS_IDLE)).isEqualTo(1);

            worker.advance(Duration.ofMinutes(2));

            assertThat(endpoint(0).isClosed()).isTrue();
            assertThat(worker.count(Counter.UPSTREAM_CONNECTIONS_IDLE)).isZero();
        }
    }

    @Nested
    class OfWindows {
        @Test
        void sendsNoMoreThanTheEndpointTakes() {
            FakeChannel client = client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
            asked(0);
            client.deliver("x".repeat(100_000));

            assertThat(asked(0).body(1)).hasSize(PeerSettings.WINDOW_BYTES);
            answers(0, wire().window(0, 1 << 20).window(1, 1 << 20));
            assertThat(asked(0).body(1)).hasSize(100_000);
            assertThat(asked(0).isEnded(1)).isTrue();
            answers(0, wire().headers(1, true, ok()));
        }

        @Test
        void holdsBackOnlyTheAnswerThatIsNotTaken() {
            FakeChannel slow = client(GET);
            endpoint(0);
            FakeChannel quick = client(GET);
            slow.stall();
            Http2Wire much = wire().headers(1, false, ok());
            for (int i = 0; i < 4; i++) {
                much.data(1, "x".repeat(16_000), false);
            }
            answers(0, much);
            answers(0, wire().data(1, "y", false));
            answers(0, wire().headers(3, false, ok()).data(3, "quick", true));

            assertThat(quick.sent()).contains("quick");
            slow.unstall();
            worker.run();
            answers(0, wire().data(1, "", true));
            assertThat(slow.sent()).contains("y\r\n").endsWith("0\r\n\r\n");
        }

        // RFC 9113 section 8.1: what is complete is not thrown away, whatever becomes of its request.
        private void isHeldAndComes(Runnable meanwhile) {
            FakeChannel slow = client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\npart");
            endpoint(0);
            slow.stall();
            answers(0, wire().headers(1, false, ok("content-length", "100000")));
            for (int i = 0; i < 10; i++) {
                answers(0, wire().data(1, "x".repeat(10_000), i == 9));
            }
            meanwhile.run();
            worker.run();
            int resets = asked(0).resets(1).size();
            slow.unstall();
            for (int i = 0; i < 20; i++) {
                worker.run();
            }

            assertThat(slow.sent()).endsWith("x".repeat(100_000));
            assertThat(slow.isAborted()).isFalse();
            assertThat(asked(0).resets(1)).hasSize(resets);
        }

        @Test
        void holdAWholeAnswerThroughTheResetOfItsRequest() {
            isHeldAndComes(() -> answers(0, wire().reset(1, ErrorCode.NO_ERROR)));
        }

        @Test
        void holdAWholeAnswerThroughAGoodbye() {
            isHeldAndComes(() -> {
                answers(0, wire().frame(FrameType.GOAWAY, 0, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 0}));
                endpoint(0).endInput();
            });
        }

        @Test
        void holdAWholeAnswerThroughTheEndOfItsConnection() {
            isHeldAndComes(() -> endpoint(0).endInput());
        }

        @Test
        void refuseWhatComesBehindTheEndOfAnAnswer() {
            FakeChannel slow = client(GET);
            endpoint(0);
            slow.stall();
            answers(0, wire().headers(1, false, ok()));
            for (int i = 0; i < 7; i++) {
                answers(0, wire().data(1, "x".repeat(16_000), i == 6));
            }
            answers(0, wire().data(1, "AFTER", false));
            slow.unstall();
            worker.run();

            assertThat(slow.sent()).doesNotContain("AFTER");
            assertThat(slow.isAborted()).isTrue();
        }

        private void takesMuchOf(String request, byte... head) {
            long sent = 0;
            for (int id = 1; id < 2000; id += 2) {
                FakeChannel client = client(request);
                answers(0, wire().headers(id, false, head).data(id, "x".repeat(16_000), true));
                sent += 16_000;
                assertThat(asked(0).goAways()).isEmpty();
                client.fail(CloseCause.RESET);
            }
            int opened = asked(0).frames(FrameType.WINDOW_UPDATE, 0).stream()
                    .mapToInt(frame -> frame.int32(0))
                    .sum();
            assertThat((long) opened).isGreaterThan(sent);
        }

        @Test
        void getBackWhatComesBeyondADeclaredLength() {
            takesMuchOf(GET, ok("content-length", "1"));
        }

        @Test
        void getBackWhatComesBehindAnAnswerWithoutABody() {
            takesMuchOf("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", ok());
        }

        // What a filter does while it waits: the stream is begun, and its head leaves later.
        private FakeChannel suspendedBefore(int contentLength, Http2Wire meanwhile) {
            worker.close();
            worker = new WorkerHarness();
            FakeBodyFilter filter = new FakeBodyFilter();
            filter.onUpstreamRequest(filter::suspend);
            worker.publish(worker.config()
                    .with(WorkerHarness.listener().http2(true).build())
                    .with(WorkerHarness.upstream("10.0.0.1:80")
                            .protocol(UpstreamProtocol.HTTP2)
                            .build())
                    .with(ServiceConfig.named("backend", "backend").build())
                    .with(WorkerHarness.route()
                            .filters(worker.filter("filter", filter))
                            .build()));
            FakeChannel client = client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + contentLength + "\r\n\r\n");
            endpoint(0);
            answers(0, meanwhile);
            filter.resume(Verdict.CONTINUE);
            worker.run();
            return client;
        }

        @Test
        void areThoseThatHoldWhenTheHeadLeaves() {
            FakeChannel client = suspendedBefore(10_000, wire().settings(PeerSettings.INITIAL_WINDOW_SIZE, 1000));
            client.deliver("x".repeat(10_000));

            assertThat(asked(0).body(1)).hasSize(1000);
        }

        @Test
        void areThoseThatHoldWhenTheHeadLeavesIfTheyGrew() {
            FakeChannel client = suspendedBefore(
                    300_000,
                    wire().settings(PeerSettings.INITIAL_WINDOW_SIZE, 1 << 20).window(0, 1 << 20));
            for (int i = 0; i < 30; i++) {
                client.deliver("x".repeat(10_000));
            }

            assertThat(asked(0).body(1)).hasSize(300_000);
        }

        @Test
        void endsAnEndpointThatPassesThem() {
            FakeChannel slow = client(GET);
            endpoint(0);
            slow.stall();
            Http2Wire much = wire().headers(1, false, ok());
            for (int i = 0; i < 12; i++) {
                much.data(1, "x".repeat(16_000), false);
            }
            answers(0, much);

            assertThat(asked(0).goAways()).containsExactly(ErrorCode.FLOW_CONTROL_ERROR);
            assertThat(slow.isAborted()).isTrue();
        }
    }

    @Nested
    class OfTheEndpointsBudget {
        private static final int UPLOAD = 100 << 20;

        // An endpoint that opens both windows by what it has read, each time that it has read so much.
        private void uploads(int readBytes) {
            FakeChannel client = client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + UPLOAD + "\r\n\r\n");
            endpoint(0);
            answers(
                    0,
                    wire().settings(PeerSettings.INITIAL_WINDOW_SIZE, 1 << 20).window(0, 1 << 20));
            String piece = "x".repeat(64 * 1024);
            int read = 0;
            while (read < UPLOAD && asked(0).goAways().isEmpty()) {
                client.deliver(piece);
                Http2Wire updates = wire();
                for (Http2Answers.Frame frame : asked(0).frames(FrameType.DATA, 1)) {
                    int left = frame.text().length();
                    read += left;
                    while (left > 0) {
                        int bytes = Math.min(readBytes, left);
                        updates.window(0, bytes).window(1, bytes);
                        left -= bytes;
                    }
                }
                asked(0).frames().clear();
                answers(0, updates);
            }

            assertThat(asked(0).goAways()).isEmpty();
            assertThat(read).isEqualTo(UPLOAD);
        }

        @Test
        void letsItOpenItsWindowsForEachPieceThatItReads() {
            uploads(4096);
        }

        @Test
        void letsItOpenItsWindowsForEachFrame() {
            uploads(16 * 1024);
        }

        @Test
        void isNotPaidForByBodyOfStreamsThatHaveEnded() {
            client(GET);
            endpoint(0);
            client(GET).fail(CloseCause.RESET);
            for (int i = 0; i < 2000 && asked(0).goAways().isEmpty(); i++) {
                answers(0, wire().data(3, "x".repeat(256), false).ping(i).ping(i));
            }

            assertThat(asked(0).goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }

        @Test
        void paysForFramesOfPaddingAlone() {
            client(GET);
            answers(0, wire().headers(1, false, ok()));
            for (int i = 0; i < 1000 && asked(0).goAways().isEmpty(); i++) {
                answers(0, wire().frame(FrameType.DATA, FrameType.PADDED, 1, (byte) 0));
            }

            assertThat(asked(0).goAways()).containsExactly(ErrorCode.ENHANCE_YOUR_CALM);
        }
    }

    @Nested
    class WhenItFails {
        @Test
        void asksAgainWhatWasRefusedUnseen() {
            FakeChannel client = client(POST);
            endpoint(0);
            answers(0, wire().reset(1, ErrorCode.REFUSED_STREAM));
            worker.advance(Duration.ofSeconds(1));

            assertThat(asked(0).head(3)).contains(":method: POST\n");
            answers(0, wire().headers(3, true, ok()));
            assertThat(client.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void asksAnotherEndpointWhatOneHasRefused() {
            // One hash, so that each request would go to the same.
            worker.publish(
                    WorkerHarness.upstream("10.0.0.1:80", "10.0.0.2:80")
                            .protocol(UpstreamProtocol.HTTP2)
                            .balancer(BalancerType.MAGLEV)
                            .hashKey(HashKey.parse("path"))
                            .build(),
                    WorkerHarness.listener().http2(true).build());
            for (int i = 0; i < 4; i++) {
                FakeChannel client = client(POST);
                int first = lastAsked(i);
                int before = worker.connects();
                answers(first, wire().reset(lastId(first), ErrorCode.REFUSED_STREAM));
                int second = before < worker.connects() ? before : 1 - first;
                assertThat(endpoint(second).remoteAddress())
                        .isNotEqualTo(endpoint(first).remoteAddress());
                answers(second, wire().headers(lastId(second), true, ok()));

                assertThat(client.sent()).startsWith("HTTP/1.1 200");
            }
        }

        private int lastId(int connection) {
            return asked(connection).frames().stream()
                    .filter(frame -> frame.type() == FrameType.HEADERS)
                    .mapToInt(Http2Answers.Frame::streamId)
                    .max()
                    .orElse(0);
        }

        // Which connection carries a stream more than before: each round leaves one more on both.
        private int lastAsked(int rounds) {
            for (int i = 0; i < worker.connects(); i++) {
                if (lastId(i) == 2 * rounds + 1) {
                    return i;
                }
            }
            throw new AssertionError("nobody was asked");
        }

        @Test
        void keepsTheStreamsOfAnEndpointThatRefusesOthers() {
            FakeChannel served = client(GET);
            answers(0, wire().headers(1, false, ok()));
            for (int id = 3; id < 1000; id += 2) {
                client(POST);
                answers(0, wire().reset(lastId(0), ErrorCode.REFUSED_STREAM));
                worker.advance(Duration.ofMillis(1));
            }
            answers(0, wire().data(1, "still here", true));

            assertThat(asked(0).goAways()).isEmpty();
            assertThat(served.sent()).contains("still here");
        }

        @Test
        void givesNothingMoreToAnEndpointThatResetsWhatHasEnded() {
            FakeChannel served = client(GET);
            answers(0, wire().headers(1, false, ok()));
            client(GET).fail(CloseCause.RESET);
            for (int i = 0; i < 300; i++) {
                answers(0, wire().reset(3, ErrorCode.CANCEL));
            }
            client(GET);
            assertThat(worker.connects()).isEqualTo(2);
            answers(0, wire().data(1, "still here", true));

            assertThat(served.sent()).contains("still here");
            assertThat(endpoint(0).isClosed()).isTrue();
        }

        @Test
        void givesUpAConnectionOnWhichNothingCame() {
            for (int i = 0; i < 3; i++) {
                FakeChannel client = client(GET);
                endpoint(i);
                worker.advance(Duration.ofSeconds(31));

                assertThat(client.sent()).startsWith("HTTP/1.1 504");
                assertThat(worker.connects()).isEqualTo(i + 1);
                assertThat(endpoint(i).isClosed()).isTrue();
            }
        }

        @Test
        void keepsAConnectionOnWhichOtherStreamsAreAnswered() {
            FakeChannel slow = client(GET);
            endpoint(0);
            for (int id = 3; id < 11; id += 2) {
                client(GET);
                worker.advance(Duration.ofSeconds(8));
                answers(0, wire().headers(id, true, ok()));
            }

            assertThat(slow.sent()).startsWith("HTTP/1.1 504");
            client(GET);
            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void letsLittleWaitForAnEndpointThatTakesNothing() {
            client(GET);
            endpoint(0).stall();
            for (int i = 0; i < 100; i++) {
                String lines = "X: " + "y".repeat(7000) + "\r\nZ: " + "y".repeat(7000) + "\r\n";
                client("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n").fail(CloseCause.RESET);
            }

            assertThat(endpoint(0).pendingBytes()).isLessThan(200_000);
            assertThat(worker.connects()).isGreaterThan(1);
        }

        @Test
        void repeatsNothingThatTheEndpointHasHadForLong() {
            client(GET);
            endpoint(0);
            FakeChannel client = client("DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n");
            worker.advance(Duration.ofSeconds(20));
            endpoint(0).fail(CloseCause.RESET);
            worker.run();

            assertThat(worker.connects()).isEqualTo(1);
            assertThat(client.sent()).startsWith("HTTP/1.1 502");
        }

        @Test
        void repeatsWhatAConnectionThatWasIdleDidNotTake() {
            client(GET);
            answers(0, wire().headers(1, true, ok()));
            worker.advance(Duration.ofSeconds(5));
            FakeChannel client = client(GET);
            endpoint(0).fail(CloseCause.RESET);
            worker.run();
            answers(1, wire().headers(1, true, ok()));

            assertThat(client.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void repeatsItOnNoConnectionThatWasIdleToo() {
            client(GET);
            endpoint(0);
            answers(0, wire().settings(PeerSettings.MAX_CONCURRENT_STREAMS, 1));
            client(GET);
            answers(0, wire().headers(1, true, ok()));
            answers(1, wire().headers(1, true, ok()));
            worker.advance(Duration.ofSeconds(5));
            FakeChannel client = client(GET);

            // An endpoint that starts anew closes all that it had, and of one that is heard first.
            endpoint(0).fail(CloseCause.RESET);
            worker.run();

            assertThat(worker.connects()).isEqualTo(3);
            answers(2, wire().headers(1, true, ok()));
            assertThat(client.sent()).startsWith("HTTP/1.1 200");
        }

        @Test
        void endsAnEndpointThatSendsInformationalHeadsForEver() {
            FakeChannel client = client(GET);
            endpoint(0);
            for (int i = 0; i < 65; i++) {
                answers(0, wire().headers(1, false, Http2Wire.block(":status", "103")));
            }

            assertThat(asked(0).resets(1)).containsExactly(ErrorCode.PROTOCOL_ERROR);
            assertThat(client.sent()).contains("HTTP/1.1 502");
        }

        @Test
        void asksElsewhereWhatAGoodbyeLeavesOut() {
            client("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            endpoint(0);
            client("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            answers(0, wire().frame(FrameType.GOAWAY, 0, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 0}));

            assertThat(worker.connects()).isEqualTo(2);
            assertThat(asked(1).head(1)).contains(":path: /2\n");
            answers(0, wire().headers(1, true, ok()));
            answers(1, wire().headers(1, true, ok()));
            allAreAnswered();
            assertThat(endpoint(0).isClosed()).isTrue();
        }

        @Test
        void tellsTheClientOfAReset() {
            FakeChannel client = client(POST);
            endpoint(0);
            answers(0, wire().reset(1, ErrorCode.INTERNAL_ERROR));

            assertThat(client.sent()).startsWith("HTTP/1.1 502").contains("upstream-reset");
            assertThat(endpoint(0).isOpen()).isTrue();
        }

        @Test
        void breaksATruncatedAnswer() {
            FakeChannel client = client(GET);
            answers(0, wire().headers(1, false, ok("content-length", "9")).data(1, "part", true));

            assertThat(client.isAborted()).isTrue();
            assertThat(asked(0).resets(1)).containsExactly(ErrorCode.PROTOCOL_ERROR);
        }

        @Test
        void givesUpWhatTheClientGivesUp() {
            FakeChannel client = client(GET);
            endpoint(0);
            client.fail(CloseCause.RESET);

            assertThat(asked(0).resets(1)).containsExactly(ErrorCode.CANCEL);
            assertThat(endpoint(0).isOpen()).isTrue();
        }

        @Test
        void holdsTheEndpointToItsTime() {
            FakeChannel client = client(GET);
            endpoint(0);
            worker.advance(Duration.ofSeconds(31));

            assertThat(client.sent()).startsWith("HTTP/1.1 504").contains("first-byte-timeout");
            assertThat(asked(0).resets(1)).containsExactly(ErrorCode.CANCEL);
        }

        @Test
        void distrustsWhatIsNoHttp2() {
            FakeChannel client = client(GET);
            FakeChannel channel = worker.loop().connects().getFirst();
            channel.open();
            channel.deliver("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 502");
            assertThat(channel.isClosed()).isTrue();
        }

        @Test
        void failsAllStreamsOfALostConnection() {
            client(POST);
            endpoint(0);
            client(POST);
            endpoint(0).fail(CloseCause.RESET);

            assertThat(clients).allSatisfy(client -> assertThat(client.sent()).startsWith("HTTP/1.1 502"));
            assertThat(worker.count(Reason.UPSTREAM_RESET)).isEqualTo(2);
        }
    }
}

package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests go through a worker, with routes, a rate limit, metrics and the access log, and leave no object behind. */
final class WorkerAllocationTest {
    private static final int CLIENTS = 8;
    private static final int REQUESTS = 5_000;

    private static final int MESSAGE_BYTES_MAX = 32 * 1024;

    enum Traffic {
        NO_CONTENT(get(), "\r\n\r\n", "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n", "\r\n\r\n"),
        JSON(get(), "\r\n\r\n", sized("{\"id\":7,\"name\":\"widget\",\"price\":12.5,\"stock\":42}"), "}"),
        POST(
                "POST /api/orders HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 12\r\n\r\n{\"widget\":3}",
                "}",
                sized("{\"id\":8}"),
                "}"),
        TEN_KILOBYTES(get(), "\r\n\r\n", sized("x".repeat(10 * 1024 - 1) + "}"), "}"),
        CHUNKED(
                get(),
                "\r\n\r\n",
                "HTTP/1.1 200 OK\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n",
                "\r\n0\r\n\r\n");

        private final String request;
        private final String requestEnd;
        private final String answer;
        private final String answerEnd;

        Traffic(String request, String requestEnd, String answer, String answerEnd) {
            this.request = request;
            this.requestEnd = requestEnd;
            this.answer = answer;
            this.answerEnd = answerEnd;
        }

        private static String get() {
            return """
                    GET /api/orders/7?full=yes HTTP/1.1
                    Host: shop.example
                    User-Agent: Mozilla/5.0 (X11; Linux x86_64)
                    Accept: application/json, text/plain, */*
                    Accept-Encoding: gzip, br
                    Cookie: session=4711

                    """.replace("\n", "\r\n");
        }

        private static String sized(String body) {
            return "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: now\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body;
        }
    }

    @TempDir
    private Path logs;

    private final AllocationMeter meter = new AllocationMeter();
    private final byte[] buffer = new byte[MESSAGE_BYTES_MAX];

    static Stream<Arguments> transportsAndTraffic() {
        return Stream.of(TransportChoice.EPOLL, TransportChoice.IO_URING, TransportChoice.NIO)
                .flatMap(transport -> Stream.of(Traffic.values()).map(traffic -> Arguments.of(transport, traffic)));
    }

    @AfterEach
    void detectLeaksAgain() {
        meter.close();
    }

    @ParameterizedTest
    @MethodSource("transportsAndTraffic")
    void carriesRequestsWithoutAllocating(TransportChoice transport, Traffic traffic) throws Exception {
        try (EngineRig rig = new EngineRig(transport, 1, logs, AllocationMeter.orders(), AllocationMeter.perClient())) {
            Thread.ofVirtual().start(() -> serve(rig, traffic));
            List<Peer> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(rig.client());
            }

            long bound = bytesPerRequestMax(transport, traffic) * REQUESTS;
            long least = meter.least(bound, () -> exchange(clients, traffic));

            assertThat(rig.metrics().value(Counter.REQUESTS)).isEqualTo(meter.rounds() * REQUESTS);
            assertThat(least)
                    .as("bytes of %d requests, after %d others", REQUESTS, (meter.rounds() - 1) * REQUESTS)
                    .isLessThan(bound);
        }
    }

    /** Below one of our own, so that what comes once in thousands, as a timer of the loop does, may; and what Netty leaves. */
    private static long bytesPerRequestMax(TransportChoice transport, Traffic traffic) {
        // Parts of this size are sent by reference, of each of which Netty's NIO makes two views of 64 bytes.
        boolean isByReference = traffic == Traffic.TEN_KILOBYTES;
        return transport == TransportChoice.NIO && isByReference ? 2 * 64 + 1 : 1;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Each client sends a request, and then each reads its answer, over and over. */
    private void exchange(List<Peer> clients, Traffic traffic) throws IOException {
        byte[] request = bytes(traffic.request);
        byte[] answerEnd = bytes(traffic.answerEnd);
        for (int i = 0; i < REQUESTS; i += CLIENTS) {
            for (Peer client : clients) {
                client.send(request);
            }
            for (Peer client : clients) {
                client.skipUntil(answerEnd, buffer);
            }
        }
    }

    /** Answers on every connection that the engine makes, until the rig is closed. */
    private static void serve(EngineRig rig, Traffic traffic) {
        try {
            while (true) {
                Peer endpoint = rig.endpoint();
                Thread.ofVirtual().start(() -> answer(endpoint, traffic));
            }
        } catch (IOException over) {
            // No more connections are made, or the rig was closed.
        }
    }

    private static void answer(Peer endpoint, Traffic traffic) {
        byte[] requestEnd = bytes(traffic.requestEnd);
        byte[] answer = bytes(traffic.answer);
        byte[] buffer = new byte[MESSAGE_BYTES_MAX];
        try {
            while (true) {
                endpoint.skipUntil(requestEnd, buffer);
                endpoint.send(answer);
            }
        } catch (IOException over) {
            // The engine, or the rig, was closed.
        }
    }
}

package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.ServiceConfig;
import io.penstock.spi.BodyReader;
import io.penstock.spi.FilterCall;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeBodyFilter;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Filters that want a body as a whole, or put another in its place. */
final class WholeBodyTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST =
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Digest: x=:y:\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n";
    private static final byte[] OTHER = "something else".getBytes(StandardCharsets.UTF_8);

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeBodyFilter filter = new FakeBodyFilter();
    private final List<String> read = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve() {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route()
                        .filters(worker.filter("f", filter))
                        .body(new BodyConfig(Optional.of(ByteSize.parse("1KiB"))))
                        .build()));
    }

    private Verdict read(FilterCall call, int bytesMax) {
        call.readBody(bytesMax, reader());
        return filter.suspend(call);
    }

    private BodyReader reader() {
        return new BodyReader() {
            @Override
            public void complete(byte[] body) {
                read.add(new String(body, StandardCharsets.UTF_8));
            }

            @Override
            public void tooLarge() {
                read.add("too large");
            }
        };
    }

    private void goOn() {
        filter.resume(Verdict.CONTINUE);
        worker.loop().run();
    }

    @Nested
    class OfARequest {
        @Test
        void isReadAndGoesOnUnchanged() {
            filter.onRequest(call -> read(call, 100));
            serve();
            FakeChannel client = worker.client(POST + "he");
            assertThat(read).isEmpty();
            client.deliver("llo");

            assertThat(read).containsExactly("hello");
            assertThat(worker.connects()).isZero();
            goOn();
            assertThat(worker.endpoint().sent())
                    .contains("Content-Length: 5\r\n")
                    .contains("Content-Digest")
                    .endsWith("\r\n\r\nhello");
            worker.endpoint().deliver(OK + "hello");
            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        }

        @Test
        void isReadAgainWithTheSameBytes() {
            List<FilterCall> calls = new ArrayList<>();
            filter.onRequest(call -> {
                calls.add(call);
                return read(call, 100);
            });
            serve();
            worker.client(POST + "hello");
            calls.getFirst().readBody(100, reader());

            assertThat(read).containsExactly("hello", "hello");
            goOn();
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void isEmptyWhereThereIsNone() {
            filter.onRequest(call -> read(call, 100));
            serve();
            worker.client(GET);

            assertThat(read).containsExactly("");
            goOn();
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void keepsItsChunksAndTrailers() {
            filter.onRequest(call -> read(call, 100));
            serve();
            worker.client(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n");
            goOn();

            assertThat(read).containsExactly("hello");
            assertThat(worker.endpoint().sent()).endsWith("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void isAskedOfAClientThatWaitsForThat() {
            filter.onRequest(call -> read(call, 100));
            serve();
            FakeChannel client =
                    worker.client("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");

            assertThat(client.sent()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.deliver("hello");
            goOn();
            assertThat(worker.endpoint().sent()).doesNotContain("Expect").endsWith("hello");
            worker.endpoint().deliver(OK + "hello");
            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        }

        @Test
        void isRefusedWhereItIsLongerThanTheFilterTakes() {
            filter.onRequest(call -> read(call, 4));
            serve();
            FakeChannel client = worker.client(POST + "hello");
            assertThat(read).containsExactly("too large");
            goOn();

            assertThat(client.sent()).startsWith("HTTP/1.1 413 ").contains("body-too-large");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void isRefusedWhereItsChunksAreLongerThanTheFilterTakes() {
            filter.onRequest(call -> read(call, 4));
            serve();
            FakeChannel client =
                    worker.client("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            goOn();

            assertThat(client.sent()).startsWith("HTTP/1.1 413 ");
        }

        @Test
        void isRefusedWhereItIsLongerThanTheRouteAllows() {
            filter.onRequest(call -> read(call, 1 << 20));
            serve();
            FakeChannel client = worker.client("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n"
                    + "x".repeat(2048) + "\r\n0\r\n\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 413 ");
            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
        }

        @Test
        void isLetGoOfWhenTheClientGoes() {
            filter.onRequest(call -> read(call, 100));
            serve();
            FakeChannel client = worker.client(POST + "he");
            client.fail(CloseCause.RESET);

            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
            assertThat(read).isEmpty();
        }

        @Test
        void isTheFiltersFaultWhereItGoesOnTooEarly() {
            filter.onRequest(call -> read(call, 100));
            serve();
            FakeChannel client = worker.client(POST + "he");
            goOn();

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ").contains("filter-failed");
        }

        @Test
        void isReplacedAfterItWasRead() {
            filter.onRequest(call -> {
                call.readBody(100, new BodyReader() {
                    @Override
                    public void complete(byte[] body) {
                        call.body(OTHER);
                    }

                    @Override
                    public void tooLarge() {}
                });
                return filter.suspend(call);
            });
            serve();
            worker.client(POST + "hello");
            goOn();

            assertThat(worker.endpoint().sent())
                    .contains("Content-Length: 14\r\n")
                    .doesNotContain("Content-Digest")
                    .endsWith("\r\n\r\nsomething else");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void isReplacedUnreadAndTheClientsIsDropped() {
            filter.onRequest(call -> {
                call.body(OTHER);
                return Verdict.CONTINUE;
            });
            serve();
            FakeChannel client = worker.client(POST + "he");

            assertThat(worker.endpoint().sent()).endsWith("\r\n\r\nsomething else");
            client.deliver("llo");
            worker.endpoint().deliver(OK + "hello");
            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
            filter.onRequest(call -> Verdict.CONTINUE);
            client.deliver(GET);
            worker.endpoint().deliver(OK + "again");
            assertThat(client.sent()).endsWith("again");
        }

        @Test
        void isAddedWhereThereWasNone() {
            filter.onRequest(call -> {
                call.body(OTHER);
                return Verdict.CONTINUE;
            });
            serve();
            worker.client(GET);

            assertThat(worker.endpoint().sent())
                    .contains("Content-Length: 14\r\n")
                    .endsWith("something else");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void isTakenAway() {
            filter.onRequest(call -> {
                call.body(new byte[0]);
                return Verdict.CONTINUE;
            });
            serve();
            worker.client(POST + "hello");

            assertThat(worker.endpoint().sent())
                    .contains("Content-Length: 0\r\n")
                    .endsWith("\r\n\r\n");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void ofOneExchangeIsNotTheNextOnes() {
            filter.onRequest(call -> {
                call.body(new byte[0]);
                return Verdict.CONTINUE;
            });
            serve();
            worker.client(GET);
            worker.endpoint().deliver(OK + "hello");
            worker.endpoint().sent();
            filter.onRequest(call -> Verdict.CONTINUE);
            worker.client(POST + "hello");

            assertThat(worker.endpoint().sent()).endsWith("\r\n\r\nhello");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void passesBodyHooksWhenItWasRead() {
            filter.onRequest(call -> read(call, 100)).onRequestBody(FakeBodyFilter::upper);
            serve();
            worker.client(POST + "hello");
            goOn();

            assertThat(worker.endpoint().sent()).endsWith("5\r\nHELLO\r\n0\r\n\r\n");
            assertThat(filter.seen()).containsExactly("hello", ".");
            worker.endpoint().deliver(OK + "hello");
        }
    }

    @Nested
    class OfAResponse {
        private FakeChannel answered(String response) {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(response);
            return client;
        }

        @Test
        void isReadAndGoesOnUnchangedWhileItsConnectionServesOthers() {
            filter.onResponse(call -> read(call, 100));
            serve();
            FakeChannel client = answered(OK + "he");
            assertThat(read).isEmpty();
            worker.endpoint().deliver("llo");

            assertThat(read).containsExactly("hello");
            assertThat(client.sent()).isEmpty();
            goOn();
            assertThat(client.sent())
                    .contains("Content-Length: 5\r\n")
                    .contains("ETag: \"a\"\r\n")
                    .endsWith("\r\n\r\nhello");
        }

        @Test
        void keepsItsChunksAndTrailers() {
            filter.onResponse(call -> read(call, 100));
            serve();
            FakeChannel client = answered(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
            goOn();

            assertThat(client.sent()).endsWith("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
        }

        @Test
        void isRefusedWhereItIsLongerThanTheFilterTakes() {
            filter.onResponse(call -> read(call, 4));
            serve();
            FakeChannel client = answered(OK + "hello");
            assertThat(read).containsExactly("too large");
            goOn();

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("response-body-too-large");
        }

        @Test
        void isRefusedWhereItsChunksAreLongerThanTheFilterTakes() {
            filter.onResponse(call -> read(call, 4));
            serve();
            FakeChannel client =
                    answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
            goOn();

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ");
        }

        @Test
        void isEmptyWhereThereIsNone() {
            filter.onResponse(call -> read(call, 100));
            serve();
            FakeChannel client = answered("HTTP/1.1 204 No Content\r\n\r\n");
            goOn();

            assertThat(read).containsExactly("");
            assertThat(client.sent()).startsWith("HTTP/1.1 204 ");
        }

        @Test
        void isLetGoOfWhenTheClientGoes() {
            filter.onResponse(call -> read(call, 100));
            serve();
            answered(OK + "he").fail(CloseCause.RESET);

            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
            assertThat(worker.endpoint().isAborted()).isTrue();
        }

        @Test
        void isLetGoOfWhenTheEndpointBreaks() {
            filter.onResponse(call -> read(call, 100));
            serve();
            FakeChannel client = answered(OK + "he");
            worker.endpoint().fail(CloseCause.RESET);

            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
            assertThat(client.sent()).startsWith("HTTP/1.1 502 ");
        }

        @Test
        void isReplacedAfterItWasRead() {
            List<FilterCall> calls = new ArrayList<>();
            filter.onResponse(call -> {
                calls.add(call);
                return read(call, 100);
            });
            serve();
            FakeChannel client = answered(OK + "hello");
            calls.getFirst().body(OTHER);
            goOn();

            assertThat(client.sent())
                    .contains("Content-Length: 14\r\n")
                    .doesNotContain("ETag")
                    .endsWith("\r\n\r\nsomething else");
            assertThat(worker.endpoint().isOpen()).isTrue();
        }

        @Test
        void isReplacedUnreadAndTheEndpointsIsGivenUp() {
            filter.onResponse(call -> {
                call.body(OTHER);
                return Verdict.CONTINUE;
            });
            serve();
            FakeChannel client = answered(OK + "he");

            assertThat(client.sent()).contains("Content-Length: 14\r\n").endsWith("\r\n\r\nsomething else");
            assertThat(worker.endpoint().isAborted()).isTrue();
        }

        @Test
        void isNotGivenToAnswersThatCanHaveNone() {
            filter.onResponse(call -> {
                call.body(OTHER);
                return Verdict.CONTINUE;
            });
            serve();

            assertThat(answered("HTTP/1.1 204 No Content\r\n\r\n").sent())
                    .startsWith("HTTP/1.1 204 ")
                    .endsWith("\r\n\r\n");
        }

        @Test
        void passesBodyHooksWhenItWasRead() {
            filter.onResponse(call -> read(call, 100)).onResponseBody(FakeBodyFilter::upper);
            serve();
            FakeChannel client = answered(OK + "hello");
            goOn();

            assertThat(client.sent()).endsWith("5\r\nHELLO\r\n0\r\n\r\n");
        }
    }
}

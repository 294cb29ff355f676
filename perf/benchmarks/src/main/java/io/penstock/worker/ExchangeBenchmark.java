package io.penstock.worker;

import io.penstock.snapshot.SnapshotRefusedException;
import io.penstock.transport.Received;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One whole exchange on a worker without a kernel: a client's request parsed, routed, limited, written to the endpoint; its answer
 * parsed and written to the client; counted and recorded. What is left of a request's cost beside it is the transport's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ExchangeBenchmark {
    /** So that timers and the clock do what they do at 100 000 requests a second. */
    private static final long TURN_NS = 10_000;

    /** Whether the route has a rate limit by client address. */
    @Param({"false", "true"})
    public boolean limited;

    @Param
    public Answer answer = Answer.JSON;

    private final Received request = new Message("""
            GET /api/orders/7?full=yes HTTP/1.1
            Host: shop.example
            User-Agent: Mozilla/5.0 (X11; Linux x86_64)
            Accept: application/json, text/plain, */*
            Accept-Encoding: gzip, br
            Cookie: session=4711

            """.replace("\n", "\r\n"));

    @SuppressWarnings("NullAway.Init") // made by start()
    private Connections connections;

    @Setup
    public void start() throws SnapshotRefusedException {
        QuietWorker worker = new QuietWorker(limited);
        QuietChannel client = worker.client();
        client.deliver(request);
        connections = new Connections(worker, client, worker.endpoint(), new Message(answer.text()));
        connections.answer();
    }

    @Benchmark
    public int exchange() {
        connections.client.deliver(request);
        return connections.answer();
    }

    private record Connections(QuietWorker worker, QuietChannel client, QuietChannel endpoint, Received answered) {
        /** The endpoint answers what it was asked. @return how many bytes the client gets */
        int answer() {
            if (endpoint.takeSent() == 0) {
                throw new IllegalStateException("nothing was asked of the endpoint");
            }
            endpoint.deliver(answered);
            worker.turn(TURN_NS);
            int sent = client.takeSent();
            if (sent < answered.length() / 2) {
                throw new IllegalStateException("only " + sent + " bytes came back");
            }
            return sent;
        }
    }

    /** What the endpoint says. */
    public enum Answer {
        JSON("Content-Length: 34\r\n\r\n{\"id\":7,\"name\":\"nut\",\"stock\":4711}"),
        TEN_KILOBYTES("Content-Length: 10240\r\n\r\n" + "x".repeat(10240)),
        CHUNKED("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n");

        private final String rest;

        Answer(String rest) {
            this.rest = rest;
        }

        String text() {
            return "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\n"
                    + "Content-Type: application/json\r\n" + rest;
        }
    }

    private record Message(DirectBuffer buffer) implements Received {
        Message(String text) {
            this(new UnsafeBuffer(text.getBytes(StandardCharsets.ISO_8859_1)));
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public int length() {
            return buffer.capacity();
        }
    }
}

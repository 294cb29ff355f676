package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.limit.Circuits;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Acceptance;
import io.penstock.transport.Acceptor;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.DatagramSocket;
import io.penstock.transport.FakeReceived;
import io.penstock.transport.Loop;
import io.penstock.transport.Received;
import io.penstock.transport.TimerWheel;
import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicBounds;
import io.penstock.transport.quic.QuicService;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** A kept connection carries request after request without a new object. */
final class UpstreamAllocationTest {
    private static final int REQUESTS = 20_000;
    private static final int ROUNDS = 6;
    private static final Fields NO_TRAILERS = new Fields();

    private final QuietLoop loop = new QuietLoop();
    private final PermitTable permits = new PermitTable(4);
    private final UpstreamPlan plan = plan(permits);
    private final Upstreams upstreams =
            new Upstreams(loop, 1, permits, new WorkerCounters(new SeriesBounds(4, 4, 4, 4)), 1);
    private final QuietExchange exchange = new QuietExchange();

    private static UpstreamPlan plan(PermitTable permits) {
        UpstreamPlan.Edit edit = UpstreamPlan.empty().edit();
        edit.put(
                UpstreamConfig.named(UpstreamHarness.NAME)
                        .targets(TargetConfig.of("10.0.0.1:80"))
                        .build(),
                UpstreamHarness.endpoints("10.0.0.1:80"),
                permits,
                new Circuits());
        return edit.done();
    }

    @Test
    void carriesRequestsWithoutAllocating() {
        upstreams.adopt(plan);
        Upstream upstream = upstreams.find(plan.idOf(UpstreamHarness.NAME).orElseThrow());
        String[] answers = {
            "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\nKeep-Alive: timeout=60\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"
        };
        Received[] received = new Received[answers.length];
        for (int i = 0; i < answers.length; i++) {
            received[i] = new FakeReceived(answers[i].getBytes(StandardCharsets.ISO_8859_1));
        }

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The first rounds warm up. Of the others the best counts: a compiler at work allocates on this thread too.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(upstream, received, REQUESTS);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(exchange.ends).isEqualTo(ROUNDS * REQUESTS);
        assertThat((double) least / REQUESTS).as("bytes per request").isLessThan(0.1);
    }

    private void run(Upstream upstream, Received[] answers, int requests) {
        for (int i = 0; i < requests; i++) {
            upstream.open(exchange.request, exchange);
            QuietChannel channel = loop.channel;
            if (!channel.isOpened) {
                channel.isOpened = true;
                channel.handler.opened(channel);
            }
            Received answer = answers[i % answers.length];
            channel.handler.received(channel, answer);
            exchange.request.clear();
            loop.nowNs += 100_000;
            loop.wheel.advance(loop.nowNs);
        }
    }

    private static final class QuietExchange implements UpstreamStreamHandler {
        private final OpenRequest request = new OpenRequest();
        private final RequestHead head =
                UpstreamHarness.head("POST /p?q HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nContent-Length: 4\r\n\r\n");
        private final DirectBuffer body = UpstreamHarness.bytes("body");
        private int ends;

        @Override
        public void streamOpened(UpstreamStream stream) {
            stream.sendHead(head, false);
            stream.sendBody(body, 0, 4);
            stream.sendEnd(NO_TRAILERS);
        }

        @Override
        public void informational(ResponseHead informational) {}

        @Override
        public void responseHead(ResponseHead response, boolean isLast) {
            ends += isLast ? 1 : 0;
        }

        @Override
        public int responseBody(Received bytes, int offset, int length) {
            return length;
        }

        @Override
        public void responseEnd(Fields trailers) {
            ends++;
        }

        @Override
        public void streamSendable() {}

        @Override
        public void streamFailed(UpstreamFailure failure) {
            throw new AssertionError(failure);
        }
    }

    /** A loop with one channel, that keeps nothing. */
    private static final class QuietLoop implements Loop {
        private long nowNs;
        private final TimerWheel wheel = new TimerWheel(0);
        private final QuietChannel channel = new QuietChannel(this);

        @Override
        public String transport() {
            return "quiet";
        }

        @Override
        public boolean isInLoop() {
            return true;
        }

        @Override
        public void post(Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void afterTurn(Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long nowNs() {
            return nowNs;
        }

        @Override
        public TimerWheel wheel() {
            return wheel;
        }

        @Override
        public Channel connect(SocketAddress remote, long timeoutNs, ChannelHandler handler) {
            if (channel.isOpened) {
                throw new AssertionError("a second connection");
            }
            channel.handler = handler;
            return channel;
        }

        @Override
        public QuicService serve(DatagramSocket socket, QuicBounds bounds, QuicAcceptor acceptor) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Acceptance accept(BoundSocket socket, Acceptor acceptor) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private static final class QuietChannel implements Channel {
        private final Loop loop;
        private ChannelHandler handler;
        private boolean isOpened;

        @SuppressWarnings("NullAway") // The handler comes with the connection.
        QuietChannel(Loop loop) {
            this.loop = loop;
        }

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public void handler(ChannelHandler next) {
            handler = next;
        }

        @Override
        public void receive(boolean wanted) {}

        @Override
        public void send(byte[] source, int offset, int length) {}

        @Override
        public void send(DirectBuffer source, int offset, int length) {}

        @Override
        public void send(Received source, int offset, int length) {}

        @Override
        public boolean isSendable() {
            return true;
        }

        @Override
        public int pendingBytes() {
            return 0;
        }

        @Override
        public void finish() {}

        @Override
        public void close() {
            throw new AssertionError("closed");
        }

        @Override
        public void abort() {
            throw new AssertionError("aborted");
        }

        @Override
        public boolean isOpen() {
            return isOpened;
        }

        @Override
        public InetSocketAddress remoteAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        public InetSocketAddress localAddress() {
            throw new UnsupportedOperationException();
        }
    }
}

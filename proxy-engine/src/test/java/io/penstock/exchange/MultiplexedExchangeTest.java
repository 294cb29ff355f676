package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.spi.Verdict;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Exchanges over streams that share a connection: each goes its own way. */
final class MultiplexedExchangeTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");
    private final List<FakeStream> streams = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private FakeStream stream() {
        FakeStream stream = new FakeStream(worker.exchanges(), worker.listenerRuntime());
        streams.add(stream);
        return stream;
    }

    private FakeChannel endpoint(int index) {
        FakeChannel channel = worker.loop().connects().get(index);
        if (!channel.isOpen()) {
            channel.open();
        }
        return channel;
    }

    @Test
    void answersInTheOrderInWhichEndpointsAnswer() {
        for (int i = 0; i < 3; i++) {
            stream().request(GET, false);
        }
        for (int i = 0; i < 3; i++) {
            endpoint(i);
        }

        endpoint(2).deliver("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthird");
        endpoint(0).deliver("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
        assertThat(worker.exchanges().running()).isEqualTo(1);
        endpoint(1).deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n");

        assertThat(streams.stream().map(FakeStream::body).toList()).isEqualTo(List.of("first", "second", "third"));
        assertThat(streams).allMatch(stream -> stream.isEnded);
    }

    @Test
    void keepsAsManyIdleOnesAsItMayAndGoesOnWithFreshOnes() {
        int burst = 2 * ExchangePool.IDLE_MAX;
        Set<Integer> slots = new HashSet<>();
        for (int round = 0; round < 2; round++) {
            List<FakeStream> running = new ArrayList<>();
            for (int i = 0; i < burst; i++) {
                running.add(stream());
            }
            assertThat(worker.exchanges().running()).isEqualTo(burst);
            Set<Integer> now = new HashSet<>();
            running.forEach(stream -> now.add(stream.slot()));
            assertThat(now).hasSize(burst);
            slots.addAll(now);
            running.forEach(FakeStream::gone);
            assertThat(worker.exchanges().running()).isZero();
        }

        assertThat(slots).hasSize(burst);
        for (long slot : slots) {
            // Nobody waits for it, whether its exchange is idle or has gone.
            worker.exchanges().resume(1L << 32 | slot, Verdict.CONTINUE);
        }
        assertThat(worker.exchanges().running()).isZero();
    }

    @Test
    void holdsBackOnlyTheStreamThatTakesNoMore() {
        FakeStream slow = stream();
        FakeStream quick = stream();
        slow.request(GET, false);
        quick.request(GET, false);
        endpoint(0);
        endpoint(1);
        slow.isSendable = false;

        endpoint(0).deliver("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsl");
        endpoint(0).deliver("ow");
        endpoint(1).deliver("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquick");

        assertThat(quick.isEnded).isTrue();
        assertThat(slow.isEnded).isFalse();
        assertThat(endpoint(0).isReceiving()).isFalse();
        slow.takesMore();
        worker.loop().run();
        assertThat(slow.body()).isEqualTo("slow");
    }

    @Test
    void losesOnlyTheExchangeWhoseStreamIsReset() {
        FakeStream reset = stream();
        FakeStream other = stream();
        reset.request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", true);
        other.request(GET, false);
        endpoint(0);
        endpoint(1);

        assertThat(reset.isDemanded).isTrue();
        reset.deliver("part");
        reset.gone();
        worker.loop().run();
        endpoint(1).deliver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        assertThat(endpoint(0).isAborted()).isTrue();
        assertThat(other.status).isEqualTo(200);
    }

    @Test
    void breaksTheStreamOfATruncatedAnswer() {
        FakeStream stream = stream();
        stream.request(GET, false);
        endpoint(0).deliver("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");

        endpoint(0).endInput();

        assertThat(stream.isReset).isTrue();
        assertThat(stream.isEnded).isFalse();
    }

    @Test
    void reusesAnExchangeForTheNextStream() {
        for (int i = 0; i < 200; i++) {
            stream().request(GET, false);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }

        assertThat(streams).allMatch(stream -> stream.status == 200);
        assertThat(worker.connects()).isEqualTo(1);
    }
}

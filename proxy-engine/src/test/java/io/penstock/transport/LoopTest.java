package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
final class LoopTest {
    private final TransportChoice choice;
    private Rig rig;

    LoopTest(TransportChoice choice) {
        this.choice = choice;
    }

    @BeforeEach
    void open() {
        rig = new Rig(choice);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void saysWhatItRunsOn() {
        assertThat(rig.loop.transport()).isEqualTo(choice.text());
        assertThat(rig.loop.isInLoop()).isFalse();
        assertThat(Rig.on(rig.loop, rig.loop::isInLoop)).isTrue();
    }

    @Test
    void tasksOfOneThreadKeepTheirOrder() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            rig.loop.post(() -> order.add(number));
        }

        assertThat(Rig.on(rig.loop, () -> List.copyOf(order))).hasSize(1000).isSorted();
    }

    @Test
    void whatComesAfterTheTurnSeesTheWholeTurn() {
        List<String> order = new ArrayList<>();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Rig.run(rig.loop, () -> {
            // Both tasks are in the queue before the second turn begins.
            rig.loop.post(() -> {
                order.add("first");
                rig.loop.afterTurn(() -> {
                    order.add("after");
                    rig.loop.afterTurn(() -> {
                        order.add("after the next");
                        done.complete(true);
                    });
                });
            });
            rig.loop.post(() -> order.add("second"));
        });

        done.orTimeout(Rig.TIMEOUT_S, TimeUnit.SECONDS).join();
        assertThat(order).containsExactly("first", "second", "after", "after the next");
    }

    @Test
    void theClockStandsStillWithinATurn() {
        boolean stood = Rig.on(rig.loop, () -> {
            long before = rig.loop.nowNs();
            long real = System.nanoTime();
            while (System.nanoTime() - real < 2_000_000) {
                Thread.onSpinWait();
            }
            return rig.loop.nowNs() == before;
        });

        assertThat(stood).isTrue();
        long first = Rig.on(rig.loop, rig.loop::nowNs);
        await().until(() -> Rig.on(rig.loop, rig.loop::nowNs) > first);
    }

    @Test
    void anIdleLoopFiresItsTimers() {
        CompletableFuture<Long> firedNs = new CompletableFuture<>();
        Timer timer = new Timer() {
            @Override
            protected void expired(long nowNs) {
                firedNs.complete(nowNs);
            }
        };

        long deadlineNs = Rig.on(rig.loop, () -> {
            long deadline = rig.loop.nowNs() + 40_000_000;
            rig.loop.wheel().arm(timer, deadline);
            return deadline;
        });

        assertThat(firedNs.orTimeout(Rig.TIMEOUT_S, TimeUnit.SECONDS).join()).isGreaterThanOrEqualTo(deadlineNs);
    }

    @Test
    void anEarlierTimerIsNotHeldUpByALaterOne() {
        CompletableFuture<Boolean> fired = new CompletableFuture<>();
        Timer late = new Timer() {
            @Override
            protected void expired(long nowNs) {}
        };
        Timer early = new Timer() {
            @Override
            protected void expired(long nowNs) {
                fired.complete(true);
            }
        };

        Rig.run(rig.loop, () -> rig.loop.wheel().arm(late, rig.loop.nowNs() + TimeUnit.HOURS.toNanos(1)));
        Rig.run(rig.loop, () -> rig.loop.wheel().arm(early, rig.loop.nowNs() + 20_000_000));

        assertThat(fired.orTimeout(Rig.TIMEOUT_S, TimeUnit.SECONDS).join()).isTrue();
    }

    @Test
    void aTaskThatFailsDoesNotEndTheLoop() {
        rig.loop.post(() -> {
            throw new IllegalStateException("a fault of this test");
        });
        Rig.run(
                rig.loop,
                () -> rig.loop.afterTurn(() -> {
                    throw new IllegalStateException("a fault of this test");
                }));

        Rig.turns(rig.loop, 2);
    }

    @Test
    void closingTwiceIsClosing() {
        rig.loop.close();
        rig.loop.close();

        assertThat(rig.loop.isInLoop()).isFalse();
    }

    @Test
    void memoryIsCounted() throws Exception {
        Rig.Listening listening = rig.listen(() -> new Recorder(false));
        java.net.Socket peer = rig.dial(listening.address);
        Channel channel = listening.next();
        long before = rig.transport.memory().usedBytes();

        Rig.run(rig.loop, () -> channel.send(new byte[8 << 20], 0, 8 << 20));
        Rig.turns(rig.loop, 2);

        assertThat(rig.transport.memory().usedBytes()).isGreaterThan(before + (1 << 20));
        assertThat(rig.transport.memory().reservedBytes())
                .isGreaterThanOrEqualTo(rig.transport.memory().usedBytes());
        peer.close();
    }
}

package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several workers at once under a clock advanced by hand: not one request too many or too few. */
final class RateTableExactnessTest {
    private static final int WORKERS = 4;
    private static final long MS = 1_000_000;

    @Test
    void admitsExactlyBurstAndRateOverAllWorkers() throws Exception {
        LimitPlan plan = LimitPlan.of("x", 1000, Duration.ofSeconds(1), 50, true);
        AtomicLong clock = new AtomicLong();
        AtomicLong admitted = new AtomicLong();
        try (RateTable table = new RateTable(1000, 0)) {
            inParallel(barrier -> {
                for (int round = 0; round < 400; round++) {
                    barrier.await();
                    while (table.tryAcquire(plan, 7, 9, clock.get()) == RateTable.TAKEN) {
                        admitted.incrementAndGet();
                    }
                    if (barrier.await() == 0) {
                        clock.addAndGet(3 * MS);
                    }
                }
            });
        }
        // 399 advances of 3 ms gave 3 permits each.
        assertThat(admitted).hasValue(50 + 399 * 3);
    }

    @Test
    void admitsExactlyTheBurstOfEachKeyWhileKeysAreEnteredAndEvicted() throws Exception {
        LimitPlan plan = LimitPlan.of("x", 1000, Duration.ofSeconds(1), 2, false);
        int keys = 12;
        int rounds = 3000;
        AtomicLong clock = new AtomicLong();
        AtomicLongArray admitted = new AtomicLongArray(rounds * keys);
        AtomicLong full = new AtomicLong();
        try (RateTable table = new RateTable(RateTable.BUCKET_SLOTS, 0)) {
            inParallel(barrier -> {
                Random random = new Random(Thread.currentThread().threadId());
                for (int round = 0; round < rounds; round++) {
                    barrier.await();
                    int first = random.nextInt(keys);
                    for (int i = 0; i < 3 * keys; i++) {
                        // Other keys in every round, all in one bucket: each must be entered, after evicting an older
                        // one.
                        int key = (first + i) % keys;
                        long hash = ((long) round * keys + key + 1) * 0x9e3779b97f4a7c15L;
                        long result = table.tryAcquire(plan, hash, hash >>> 7, clock.get());
                        if (result == RateTable.TAKEN) {
                            admitted.incrementAndGet(round * keys + key);
                        } else if (result == RateTable.FULL) {
                            full.incrementAndGet();
                        }
                    }
                    if (barrier.await() == 0) {
                        clock.addAndGet(100 * MS);
                    }
                }
            });
        }
        assertThat(full).hasValue(0);
        assertThat(IntStream.range(0, rounds * keys).mapToLong(admitted::get)).allMatch(count -> count == 2);
    }

    @Test
    void admitsNoMoreThanItMayWhileTheClockRuns() throws Exception {
        LimitPlan plan = LimitPlan.of("x", 1000, Duration.ofSeconds(1), 10, false);
        int keys = 4;
        AtomicLong clock = new AtomicLong();
        AtomicLongArray admitted = new AtomicLongArray(keys);
        try (RateTable table = new RateTable(RateTable.BUCKET_SLOTS, 0)) {
            inParallel(barrier -> {
                Random random = new Random(Thread.currentThread().threadId());
                for (int i = 0; i < 100_000; i++) {
                    long nowNs = clock.addAndGet(random.nextInt(2000));
                    int key = random.nextInt(keys);
                    long hash = (key + 1) * 0x9e3779b97f4a7c15L;
                    if (table.tryAcquire(plan, hash, Long.rotateLeft(hash, 23) * 31, nowNs) == RateTable.TAKEN) {
                        admitted.incrementAndGet(key);
                    }
                }
            });
        }
        long most = 10 + clock.get() / MS;
        assertThat(IntStream.range(0, keys).mapToLong(admitted::get))
                .allMatch(count -> count <= most && count > most / 2);
    }

    private interface Work {
        void run(CyclicBarrier barrier) throws Exception;
    }

    private static void inParallel(Work work) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(WORKERS);
        try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            Future<?>[] all = new Future<?>[WORKERS];
            for (int i = 0; i < WORKERS; i++) {
                all[i] = workers.submit(() -> {
                    work.run(barrier);
                    return 0;
                });
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }
}

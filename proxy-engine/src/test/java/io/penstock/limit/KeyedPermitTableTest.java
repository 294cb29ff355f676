package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KeyedPermitTableTest {
    private static final long SEED = 20261122;

    private final KeyedPermitTable table = new KeyedPermitTable(15);

    @AfterEach
    void close() {
        table.close();
    }

    private int take(long key, long max) {
        return table.tryAcquire(key << 8, key, max);
    }

    private long inUse(long key) {
        return table.inUse(key << 8, key);
    }

    @Test
    void givesEachKeyNoMoreThanItsMaximum() {
        assertThat(take(1, 2)).isNotNegative();
        assertThat(take(1, 2)).isNotNegative();
        assertThat(take(1, 2)).isEqualTo(KeyedPermitTable.REFUSED);
        assertThat(take(2, 1)).isNotNegative();
        assertThat(inUse(1)).isEqualTo(2);
        assertThat(table.inUse()).isEqualTo(3);
    }

    @Test
    void givesAPermitAgainOnceItIsBack() {
        int cell = take(1, 1);

        table.release(cell);

        assertThat(take(1, 1)).isNotNegative();
    }

    @Test
    void refusesAllWhereNoneMayBeInUse() {
        assertThat(take(1, 0)).isEqualTo(KeyedPermitTable.REFUSED);
        assertThat(table.inUse()).isZero();
    }

    @Test
    void goesOnWithWhatIsInUseWhenTheMaximumIsLowered() {
        take(1, 3);
        int second = take(1, 3);

        assertThat(take(1, 1)).isEqualTo(KeyedPermitTable.REFUSED);
        table.release(second);
        assertThat(take(1, 1)).isEqualTo(KeyedPermitTable.REFUSED);
        assertThat(take(1, 2)).isNotNegative();
    }

    @Test
    void saysThatItIsFullAndForgetsNobody() {
        for (int key = 1; key <= KeyedPermitTable.BUCKET_SLOTS; key++) {
            assertThat(take(key, 1)).isNotNegative();
        }

        assertThat(take(99, 1)).isEqualTo(KeyedPermitTable.FULL);
        assertThat(table.fullCount()).isEqualTo(1);
        assertThat(take(1, 1)).isEqualTo(KeyedPermitTable.REFUSED);
    }

    @Test
    void givesTheCellOfAKeyWithoutPermitsToAnother() {
        List<Integer> cells = new ArrayList<>();
        for (int key = 1; key <= KeyedPermitTable.BUCKET_SLOTS; key++) {
            cells.add(take(key, 1));
        }

        table.release(cells.get(4));

        assertThat(take(99, 1)).isEqualTo(cells.get(4));
        assertThat(inUse(5)).isZero();
        assertThat(take(5, 1)).isEqualTo(KeyedPermitTable.FULL);
    }

    @Test
    void countsLikeAMapWhateverTheOrder() {
        Random random = new Random(SEED);
        Map<Long, List<Integer>> held = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            long key = random.nextInt(12);
            List<Integer> cells = held.computeIfAbsent(key, any -> new ArrayList<>());
            if (random.nextBoolean()) {
                int cell = take(key, 4);
                assertThat(cell >= 0).as("step %s of seed %s", i, SEED).isEqualTo(cells.size() < 4);
                if (cell >= 0) {
                    cells.add(cell);
                }
            } else if (!cells.isEmpty()) {
                table.release(cells.removeLast());
            }
            assertThat(inUse(key)).as("step %s of seed %s", i, SEED).isEqualTo(cells.size());
        }
    }

    @Test
    void isExactForKeysThatComeAndGoOnManyThreads() throws InterruptedException {
        int threads = 4;
        // More keys than cells: they are given from one to the next all the time.
        AtomicInteger[] holders = new AtomicInteger[40];
        for (int i = 0; i < holders.length; i++) {
            holders[i] = new AtomicInteger();
        }
        AtomicInteger tooMany = new AtomicInteger();
        List<Thread> running = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Random random = new Random(SEED + t);
            running.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 200_000; i++) {
                    int key = random.nextInt(holders.length);
                    int cell = take(key, 2);
                    if (cell >= 0) {
                        if (holders[key].incrementAndGet() > 2) {
                            tooMany.incrementAndGet();
                        }
                        holders[key].decrementAndGet();
                        table.release(cell);
                    }
                }
            }));
        }
        for (Thread thread : running) {
            thread.join();
        }

        assertThat(tooMany).hasValue(0);
        assertThat(table.inUse()).isZero();
    }
}

package io.penstock.cores;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class CoreAffinityTest {
    private final CoreAffinity affinity = CoreAffinity.ofThisSystem();

    // The affinity of a test's own thread would stay with whoever runs in it next.
    private static <T> T inAThreadOfItsOwn(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().start(task);
        return task.get();
    }

    @Test
    void tellsTheCoresOfThisProcess() {
        assertThat(affinity.allowed().cardinality())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void confinesTheCallingThreadAndThoseItStarts() throws Exception {
        int core = affinity.allowed().length() - 1;
        BitSet one = new BitSet();
        one.set(core);

        assertThat(inAThreadOfItsOwn(() -> affinity.runOn(core) ? inAThreadOfItsOwn(affinity::allowed) : new BitSet()))
                .isEqualTo(one);
    }

    @Test
    void confinesThreadsThatRunAlready() throws Exception {
        BitSet all = affinity.allowed();
        BitSet one = new BitSet();
        one.set(all.nextSetBit(0));
        CountDownLatch confined = new CountDownLatch(1);
        FutureTask<BitSet> task = new FutureTask<>(() -> {
            confined.await();
            return affinity.allowed();
        });
        Thread.ofPlatform().start(task);
        try {
            affinity.confineAll(one);
            confined.countDown();

            assertThat(task.get()).isEqualTo(one);
        } finally {
            affinity.confineAll(all);
        }
    }

    @Test
    void isRefusedACoreThatIsNotThere() throws Exception {
        assertThat(inAThreadOfItsOwn(() -> affinity.runOn(CoreList.CORES_MAX - 1)))
                .isFalse();
    }
}

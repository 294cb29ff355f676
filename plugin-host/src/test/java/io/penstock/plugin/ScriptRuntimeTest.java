package io.penstock.plugin;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ScriptRuntimeTest {
    // What a thread is in that waits for another to end, or has not waited for it.
    private static final Set<Thread.State> WAITS_OR_HAS_ENDED =
            EnumSet.of(Thread.State.TIMED_WAITING, Thread.State.WAITING, Thread.State.TERMINATED);

    // An engine that closes waits for the thread that makes a context, which waits for a lock that the closing one
    // holds.
    @Test
    void closesTheEngineOnlyWhenWhatIsBeingPreparedHasEnded() throws Exception {
        PluginHarness harness = new PluginHarness();
        String[] use = harness.upload(PackageFixture.named("guard", "1.0.0", "")
                        .main("export default { onRequest() {} };")
                        .zip())
                .split("@", 2);
        PluginVersion version = requireNonNull(harness.library.find(use[0], use[1]));
        ScriptRuntime runtime = harness.library.runtime();
        CountDownLatch isPreparing = new CountDownLatch(1);
        CompletableFuture<Boolean> wasOpen = new CompletableFuture<>();
        Thread closing = Thread.ofPlatform().unstarted(harness::close);

        runtime.prepare(() -> {
            isPreparing.countDown();
            awaitInterrupt();
            while (!WAITS_OR_HAS_ENDED.contains(closing.getState())) {
                Thread.onSpinWait();
            }
            boolean isOpen = runtime.engine().isOpen();
            wasOpen.complete(isOpen && hasOpened(runtime, version));
        });
        isPreparing.await();
        closing.start();

        assertThat(wasOpen.get()).isTrue();
        closing.join();
        assertThat(runtime.engine().isOpen()).isFalse();
    }

    /** Ends when what prepares is told to. */
    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException told) {
            // The sign that was waited for.
            return;
        }
    }

    private static boolean hasOpened(ScriptRuntime runtime, PluginVersion version) {
        try {
            LiveContext.open(runtime, version, null, ScriptClock.SYSTEM, broken -> {})
                    .dispose();
            return true;
        } catch (io.penstock.plugin.js.ScriptRefusedException refused) {
            return false;
        }
    }
}

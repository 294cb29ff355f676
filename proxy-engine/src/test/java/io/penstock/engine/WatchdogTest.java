package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.SeriesBounds;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class WatchdogTest {
    // No engine of these tests has as many workers, so no other thread has this one's name.
    private static final int WORKER = 6;
    private static final int DEEP = 500;

    private final Metrics metrics = new Metrics(WORKER + 1, new SeriesBounds(1, 1, 1, 1));
    private final List<List<Object>> asked = new ArrayList<>();
    private final Watchdog watchdog = new Watchdog(metrics, recorded(ManagementFactory.getThreadMXBean()));
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Watchdog.class);
    private final List<Thread> stalled = new ArrayList<>();

    @BeforeEach
    void listen() {
        said.start();
        logger.addAppender(said);
    }

    @AfterEach
    void close() throws InterruptedException {
        logger.detachAppender(said);
        for (Thread thread : stalled) {
            thread.interrupt();
            thread.join();
        }
    }

    private ThreadMXBean recorded(ThreadMXBean threads) {
        return (ThreadMXBean) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ThreadMXBean.class}, (proxy, method, arguments) -> {
                    List<Object> call = new ArrayList<>(List.of(method.getName()));
                    call.addAll(Arrays.asList(arguments == null ? new Object[0] : arguments));
                    asked.add(call);
                    try {
                        return method.invoke(threads, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
    }

    /** A thread that waits far down in a recursion. */
    private Thread stall(String name) throws InterruptedException {
        CountDownLatch isDown = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().name(name).daemon().start(() -> descend(DEEP, isDown));
        stalled.add(thread);
        isDown.await();
        return thread;
    }

    private static int descend(int further, CountDownLatch isDown) {
        if (further > 0) {
            return descend(further - 1, isDown) + 1;
        }
        isDown.countDown();
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
        }
        return 0;
    }

    /** The others turn; how the stalled worker's checks go on. */
    private void check(int times) {
        for (int i = 0; i < times; i++) {
            for (int worker = 0; worker < WORKER; worker++) {
                metrics.counters(worker).add(Counter.HEARTBEATS);
            }
            watchdog.check();
        }
    }

    private static boolean givesNoStack(List<Object> call) {
        return call.getFirst().equals("getAllThreadIds")
                || (call.getFirst().equals("getThreadInfo") && call.size() == 2);
    }

    @Test
    void tellsTheTopOfAStalledWorkersStackAndReadsNoOther() throws Exception {
        Thread worker = stall(Workers.name(WORKER));
        stall("penstock-bystander");

        check(Watchdog.SILENT_CHECKS_MAX + 1);

        assertThat(said.list).singleElement().satisfies(event -> {
            List<String> lines = event.getFormattedMessage().lines().toList();
            assertThat(lines.getFirst()).isEqualTo("worker 6 has not turned for a second; it is at:");
            assertThat(lines.subList(1, lines.size()))
                    .hasSize(48)
                    .allMatch(line -> line.startsWith("    at "))
                    .last()
                    .asString()
                    .contains("WatchdogTest.descend");
        });
        List<Object> itsTop = List.of("getThreadInfo", worker.threadId(), Watchdog.FRAMES_MAX);
        assertThat(asked)
                .as("no call gives whole stacks, or those of many threads")
                .contains(itsTop)
                .allMatch(call -> call.equals(itsTop) || givesNoStack(call));
    }

    @Test
    void tellsAStallOnceAndItsEnd() {
        check(Watchdog.SILENT_CHECKS_MAX);
        assertThat(watchdog.stuckWorkers()).isZero();

        check(3);
        assertThat(watchdog.stuckWorkers()).isOne();
        metrics.counters(WORKER).add(Counter.HEARTBEATS);
        check(1);

        assertThat(watchdog.stuckWorkers()).isZero();
        assertThat(watchdog.stalls()).isOne();
        assertThat(said.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("worker 6 has not turned for a second"),
                        second -> assertThat(second).isEqualTo("worker 6 goes on after 1750 ms without a turn"));
    }
}

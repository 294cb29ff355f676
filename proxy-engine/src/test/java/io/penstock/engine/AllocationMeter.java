package io.penstock.engine;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.penstock.config.LimitConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.Rate;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import java.lang.management.ManagementFactory;

/**
 * What an engine's only worker allocates for a round of requests, once all of the path is compiled. As shipped: the detector of leaks,
 * which remembers where each buffer came from, is off until this is closed.
 */
final class AllocationMeter implements AutoCloseable {
    /**
     * Until then all of the path is compiled, on a busy machine too: what only the compiler's last stage makes vanish is still there
     * before.
     */
    private static final int ROUNDS_MAX = 150;

    private static final Rate ENOUGH = Rate.parse("1000000000/s");

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ResourceLeakDetector.Level leakDetection = ResourceLeakDetector.getLevel();
    private int rounds;

    /** Some requests, always as many. */
    @FunctionalInterface
    interface Round {
        void exchange() throws Exception;
    }

    AllocationMeter() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    /** The route that is measured. */
    static RouteConfig orders() {
        return RouteConfig.named("orders")
                .matches(RouteMatch.of(PathMatch.prefix("/api/orders")))
                .service("backend")
                .limits("per-client")
                .build();
    }

    /** Its limit, which refuses nobody. */
    static LimitConfig perClient() {
        return LimitConfig.named("per-client", ENOUGH).key("clientAddress").build();
    }

    /** The bytes of the thriftiest round; no more are made once one is below the bound. */
    long least(long bound, Round round) throws Exception {
        long worker = worker();
        long least = Long.MAX_VALUE;
        while (least >= bound && rounds < ROUNDS_MAX) {
            long before = threads.getThreadAllocatedBytes(worker);
            round.exchange();
            least = Math.min(least, threads.getThreadAllocatedBytes(worker) - before);
            rounds++;
        }
        return least;
    }

    /** How many were made. */
    long rounds() {
        return rounds;
    }

    private static long worker() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("penstock-worker-"))
                .mapToLong(Thread::threadId)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        ResourceLeakDetector.setLevel(leakDetection);
    }
}

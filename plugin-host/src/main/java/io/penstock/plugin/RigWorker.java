package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The worker of a gateway under test: its clock stands still until a test moves it, and requests of the plugin's own go to
 * the test.
 */
@WorkerConfined
final class RigWorker implements FilterWorker, Outbound {
    private static final long MS = 1_000_000;

    private final SteppedTime time = new SteppedTime();
    private final SetupLoop loop;
    private final BiFunction<Request, Listener, Call> outbound;
    private final Map<String, Permits> permits;
    private final Map<String, Window> windows = new HashMap<>();
    private final Map<Long, Consumer<Verdict>> waiting = new HashMap<>();
    private final long startMs;
    private long lastTicket;

    /** A limit of the test's: so many permits in each window. */
    record Permits(int count, long periodMs) {}

    private static final class Window {
        private int left;
        private long untilNs;
    }

    RigWorker(
            SetupLoop loop, long startMs, Map<String, Permits> permits, BiFunction<Request, Listener, Call> outbound) {
        this.loop = loop;
        this.startMs = startMs;
        this.permits = permits;
        this.outbound = outbound;
    }

    /** What scripts read. */
    ScriptClock clock() {
        return new ScriptClock(this::nowNs, this::epochMs, true);
    }

    long nextTicket() {
        return ++lastTicket;
    }

    /** Says who goes on when a ticket is resumed. */
    void await(long ticket, Consumer<Verdict> next) {
        waiting.put(ticket, next);
    }

    /** Lets time pass: what is due runs in its order, and what it sets off runs before the next. */
    void advance(long ms) {
        time.advance(ms * MS, loop::drain);
    }

    @Override
    public WorkerId id() {
        return new WorkerId(0, 1);
    }

    @Override
    public long nowNs() {
        return time.nowNs();
    }

    @Override
    public long epochMs() {
        return startMs + time.nowNs() / MS;
    }

    @Override
    public Scheduled schedule(long delayNs, Runnable task) {
        return time.schedule(delayNs, task);
    }

    @Override
    public void resume(long ticket, Verdict verdict) {
        @Nullable Consumer<Verdict> next = waiting.remove(ticket);
        if (next != null) {
            next.accept(verdict);
        }
    }

    @Override
    public void post(Runnable task) {
        loop.post(task);
    }

    @Override
    public Outbound outbound() {
        return this;
    }

    @Override
    public Call send(Request request, Listener listener) {
        return outbound.apply(request, listener);
    }

    @Override
    public long tryAcquire(String limit, String key) {
        Permits policy = permits.get(limit);
        if (policy == null) {
            return NO_SUCH_LIMIT;
        }
        if (policy.count() < 1) {
            return policy.periodMs() * MS;
        }
        Window window = windows.computeIfAbsent(limit + '\0' + key, any -> new Window());
        long nowNs = time.nowNs();
        if (nowNs >= window.untilNs) {
            window.untilNs = nowNs + policy.periodMs() * MS;
            window.left = policy.count();
        }
        if (window.left == 0) {
            return window.untilNs - nowNs;
        }
        window.left--;
        return 0;
    }
}

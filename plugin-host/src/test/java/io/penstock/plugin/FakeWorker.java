package io.penstock.plugin;

import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is the test's own thread: its time is advanced by hand, what other threads post runs when the test says so,
 * and requests of plugins wait for the test to answer them.
 */
final class FakeWorker implements FilterWorker, Outbound {
    private static final long POST_SECONDS_MAX = 60;

    private final LinkedBlockingQueue<Runnable> posted = new LinkedBlockingQueue<>();
    private final SteppedTime time = new SteppedTime();
    final Map<Long, Verdict> resumed = new HashMap<>();
    final List<Sent> sent = new ArrayList<>();
    long nextPermit;

    /** A request of a plugin's own. */
    static final class Sent implements Call {
        final Request request;
        final Listener listener;
        boolean isCancelled;

        Sent(Request request, Listener listener) {
            this.request = request;
            this.listener = listener;
        }

        @Override
        public void cancel() {
            isCancelled = true;
        }

        void respond(int status, String body) {
            listener.responded(new Response(
                    status,
                    List.of(Map.entry("content-type", "text/plain")),
                    body.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
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
        return time.nowNs() / 1_000_000;
    }

    @Override
    public Scheduled schedule(long delayNs, Runnable task) {
        return time.schedule(delayNs, task);
    }

    @Override
    public void resume(long ticket, Verdict verdict) {
        resumed.put(ticket, verdict);
    }

    @Override
    public void post(Runnable task) {
        posted.add(task);
    }

    @Override
    public Outbound outbound() {
        return this;
    }

    @Override
    public Call send(Request request, Listener listener) {
        Sent call = new Sent(request, listener);
        sent.add(call);
        return call;
    }

    @Override
    public long tryAcquire(String limit, String key) {
        return limit.equals("none") ? NO_SUCH_LIMIT : nextPermit;
    }

    /** Runs what is posted by now. */
    void turn() {
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            task.run();
        }
    }

    /** Waits for something that another thread posts, and runs it. */
    void awaitPost() {
        try {
            Runnable task = posted.poll(POST_SECONDS_MAX, TimeUnit.SECONDS);
            if (task == null) {
                throw new AssertionError("nothing was posted within " + POST_SECONDS_MAX + " s");
            }
            task.run();
        } catch (InterruptedException ended) {
            throw new AssertionError(ended);
        }
    }

    /** Lets time pass; timers that are due run in their order. */
    void advanceMs(long milliseconds) {
        time.advance(milliseconds * 1_000_000, () -> {});
        turn();
    }

    int timersWaiting() {
        return time.timersWaiting();
    }

    @Nullable
    Verdict verdictOf(long ticket) {
        return resumed.get(ticket);
    }
}

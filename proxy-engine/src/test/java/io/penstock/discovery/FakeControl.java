package io.penstock.discovery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** The control thread on the test's own, with a clock advanced by hand. */
final class FakeControl implements ControlThread {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    private final Queue<Runnable> posted = new ArrayDeque<>();
    private final PriorityQueue<Timed> timed =
            new PriorityQueue<>(Comparator.comparingLong(Timed::dueNs).thenComparingLong(Timed::number));
    private long nowNs;
    private long numbers;

    private record Timed(long dueNs, long number, Runnable task) {}

    void run() {
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            task.run();
        }
    }

    void advance(Duration time) {
        run();
        long endNs = nowNs + time.toNanos();
        while (!timed.isEmpty() && timed.peek().dueNs() <= endNs) {
            Timed next = timed.remove();
            nowNs = Math.max(nowNs, next.dueNs());
            next.task().run();
            run();
        }
        nowNs = endNs;
    }

    @Override
    public void post(Runnable task) {
        posted.add(task);
    }

    @Override
    public void after(Duration delay, Runnable task) {
        timed.add(new Timed(nowNs + delay.toNanos(), numbers++, task));
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public Instant now() {
        return START.plusNanos(nowNs);
    }
}

package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that stands still until it is moved by hand, and the timers in it. */
@WorkerConfined
final class SteppedTime {
    private final List<Timer> timers = new ArrayList<>();
    private long nowNs;

    private final class Timer implements FilterWorker.Scheduled {
        private final long dueNs;
        private final Runnable task;

        Timer(long dueNs, Runnable task) {
            this.dueNs = dueNs;
            this.task = task;
        }

        @Override
        public void cancel() {
            timers.remove(this);
        }
    }

    long nowNs() {
        return nowNs;
    }

    FilterWorker.Scheduled schedule(long delayNs, Runnable task) {
        Timer timer = new Timer(nowNs + delayNs, task);
        timers.add(timer);
        return timer;
    }

    /** How many timers are not due yet. */
    int timersWaiting() {
        return timers.size();
    }

    /**
     * Lets time pass: what is due runs in its order, each at its time.
     *
     * @param settle runs before the first and after each, so that what one sets off runs before the next
     */
    void advance(long ns, Runnable settle) {
        long untilNs = nowNs + ns;
        settle.run();
        while (true) {
            Timer due = timers.stream()
                    .filter(timer -> timer.dueNs <= untilNs)
                    .min(Comparator.comparingLong(timer -> timer.dueNs))
                    .orElse(null);
            if (due == null) {
                break;
            }
            timers.remove(due);
            nowNs = Math.max(nowNs, due.dueNs);
            due.task.run();
            settle.run();
        }
        nowNs = untilNs;
    }
}

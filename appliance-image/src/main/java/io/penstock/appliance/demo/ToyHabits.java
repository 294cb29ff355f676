package io.penstock.appliance.demo;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** How a toy upstream answers below a path, and how often it was asked there. Any thread. */
final class ToyHabits {
    /**
     * What becomes of a request.
     *
     * @param delay before the answer
     * @param failEach every so many-th answer is a 500; 0 for never
     */
    record Habit(Duration delay, int failEach) {
        static final Habit GOOD = new Habit(Duration.ZERO, 0);
        static final Habit LYING = new Habit(Duration.ZERO, 1);

        static Habit slow(Duration delay) {
            return new Habit(delay, 0);
        }

        static Habit failsEach(int times) {
            return new Habit(Duration.ZERO, times);
        }
    }

    private static final class Counts {
        Habit habit = Habit.GOOD;
        int asked;
        int failed;
        int now;
        int mostAtOnce;
    }

    private final Map<String, Counts> byPath = new HashMap<>();

    private Counts below(String path) {
        int end = path.indexOf('/', 1);
        return byPath.computeIfAbsent(end < 0 ? path : path.substring(0, end), _ -> new Counts());
    }

    synchronized void set(String below, Habit habit) {
        below(below).habit = habit;
    }

    /** A request has come. @return how long its answer takes */
    synchronized Duration begin(String path) {
        Counts counts = below(path);
        counts.now++;
        counts.mostAtOnce = Math.max(counts.mostAtOnce, counts.now);
        return counts.habit.delay();
    }

    /** Its answer is due. @return whether it is a good one */
    synchronized boolean end(String path) {
        Counts counts = below(path);
        counts.now--;
        counts.asked++;
        boolean isBad = counts.habit.failEach() > 0 && counts.asked % counts.habit.failEach() == 0;
        counts.failed += isBad ? 1 : 0;
        return !isBad;
    }

    synchronized int asked(String below) {
        return below(below).asked;
    }

    synchronized int failed(String below) {
        return below(below).failed;
    }

    /** The most requests that were there at one time. */
    synchronized int mostAtOnce(String below) {
        return below(below).mostAtOnce;
    }
}

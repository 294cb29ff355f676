package io.penstock.worker;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Stands in for the thread that compares passwords: the test says when. */
public final class Passwords implements Executor {
    private final Queue<Runnable> checks = new ArrayDeque<>();
    private boolean isFull;
    private int ran;

    @Override
    public void execute(Runnable check) {
        if (isFull) {
            throw new RejectedExecutionException("full");
        }
        checks.add(check);
    }

    /** Takes no more. */
    public void fill() {
        isFull = true;
    }

    /** Carries out what waits. */
    public void run() {
        while (!checks.isEmpty()) {
            checks.remove().run();
            ran++;
        }
    }

    /** How many checks were carried out. */
    public int ran() {
        return ran;
    }

    /** How many wait. */
    public int waiting() {
        return checks.size();
    }
}

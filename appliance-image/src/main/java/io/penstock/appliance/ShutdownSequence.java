package io.penstock.appliance;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * How a gateway ends: the first SIGTERM or SIGINT makes it not ready, and lets requests under way finish until a deadline;
 * the second cuts them; the third ends the process where it stands. SIGHUP opens the log files anew.
 *
 * <p>Signals come on threads of the JVM; {@link #await} runs on the one that opened the appliance.
 */
final class ShutdownSequence {
    private static final int KILLED = 130;

    private final Duration drainMax;
    private final Consumer<String> said;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicInteger signals = new AtomicInteger();
    private final Thread waiter = Thread.currentThread();

    ShutdownSequence(Duration drainMax, Consumer<String> said) {
        this.drainMax = drainMax;
        this.said = said;
    }

    /** Takes the process's signals. From here on only {@link #await} ends the process in order. */
    void install(Runnable reopenLogs) {
        ProcessSignals.handle("TERM", () -> stop("TERM"));
        ProcessSignals.handle("INT", () -> stop("INT"));
        ProcessSignals.handle("HUP", reopenLogs);
    }

    /** Asks for the end, as a signal does. Any thread. */
    void stop(String why) {
        switch (signals.incrementAndGet()) {
            case 1 -> {
                said.accept("SIG" + why + ": draining for up to " + drainMax.toSeconds()
                        + " s; a second signal cuts what is left");
                asked.countDown();
            }
            case 2 -> {
                said.accept("SIG" + why + " again: cutting what is left");
                waiter.interrupt();
            }
            default -> Runtime.getRuntime().halt(KILLED);
        }
    }

    /** Waits until the end is asked for, then drains. Does not close. */
    void await(Appliance appliance) {
        try {
            asked.await();
        } catch (InterruptedException cut) {
            // Only a second signal interrupts, and the first has already ended the wait; or someone wants us gone.
            said.accept("interrupted");
        }
        boolean isEmpty = appliance.drain(drainMax);
        // Closing must not be taken for interrupted as well.
        boolean wasCut = Thread.interrupted();
        if (!isEmpty && !wasCut) {
            said.accept("requests still under way after " + drainMax.toSeconds() + " s are cut");
        }
    }
}

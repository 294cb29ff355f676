package io.penstock.appliance;

import io.penstock.transport.ServiceNotice;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * How a gateway ends: the first SIGTERM or SIGINT makes it not ready, lets those in front see that, and lets requests under way finish
 * until a deadline; the second cuts them; the third ends the process where it stands. A gateway whose place another process has
 * taken ends by itself. SIGHUP restarts, SIGUSR2 opens the log files anew.
 *
 * <p>Signals come on threads of the JVM; {@link #await} runs on the one that opened the appliance.
 */
final class ShutdownSequence {
    private static final int KILLED = 130;

    private final Duration delay;
    private final Duration drainMax;
    private final Consumer<String> said;
    private final ServiceNotice manager;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicInteger signals = new AtomicInteger();
    private final Thread waiter = Thread.currentThread();
    private volatile boolean isReplaced;

    /**
     * Nothing has been asked for.
     *
     * @param delay how long it goes on as before once it is not ready
     * @param drainMax how long requests under way may take after that
     * @param manager hears when the gateway stops; not where another process goes on in its place
     */
    ShutdownSequence(Duration delay, Duration drainMax, Consumer<String> said, ServiceNotice manager) {
        this.delay = delay;
        this.drainMax = drainMax;
        this.said = said;
        this.manager = manager;
    }

    /** Takes the process's signals. From here on only {@link #await} ends the process in order. */
    void install(Runnable reopenLogs, Runnable restart) {
        ProcessSignals.handle("TERM", () -> stop("TERM"));
        ProcessSignals.handle("INT", () -> stop("INT"));
        ProcessSignals.handle("HUP", restart);
        ProcessSignals.handle("USR2", reopenLogs);
    }

    /** Asks for the end, as a signal does. Any thread. */
    void stop(String why) {
        switch (signals.incrementAndGet()) {
            case 1 -> {
                said.accept("SIG" + why + ": draining for up to "
                        + delay.plus(drainMax).toSeconds() + " s; a second signal cuts what is left");
                asked.countDown();
            }
            case 2 -> {
                said.accept("SIG" + why + " again: cutting what is left");
                waiter.interrupt();
            }
            default -> Runtime.getRuntime().halt(KILLED);
        }
    }

    /** Another process serves in this one's place. Any thread. */
    void replacedBy(long pid) {
        said.accept("process " + pid + " serves now; this one ends its connections for up to " + drainMax.toSeconds()
                + " s");
        isReplaced = true;
        asked.countDown();
    }

    /**
     * Waits until the end is asked for, then drains. Does not close.
     *
     * @param restart ended first, if one is under way
     */
    void await(Appliance appliance, Restart restart) {
        boolean isEmpty;
        try {
            asked.await();
            if (!isReplaced) {
                manager.send("STOPPING=1");
                restart.stop();
                appliance.announceEnd();
                TimeUnit.NANOSECONDS.sleep(delay.toNanos());
            }
            isEmpty = isReplaced ? appliance.drainAtLeisure(drainMax) : appliance.drain(drainMax);
        } catch (InterruptedException cut) {
            // Only a second signal interrupts, or someone wants us gone.
            isEmpty = appliance.drain(Duration.ZERO);
            Thread.currentThread().interrupt();
        }
        // Closing must not be taken for interrupted as well.
        boolean wasCut = Thread.interrupted();
        if (!isEmpty && !wasCut) {
            said.accept("requests still under way after " + drainMax.toSeconds() + " s are cut");
        }
    }
}

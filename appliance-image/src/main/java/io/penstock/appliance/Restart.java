package io.penstock.appliance;

import io.penstock.appliance.control.ControlLink;
import io.penstock.engine.ListenerSockets;
import io.penstock.transport.HandedSocket;
import io.penstock.transport.ServiceNotice;
import io.penstock.transport.SocketHandover;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts another gateway that takes this one's place, and gives over to it step by step; {@link Takeover} is its half.
 *
 * <ol>
 *   <li>The new process says that it is there; nothing has changed yet.
 *   <li>{@code release}: admin calls are answered 503 from here on; changes under way are finished, the store and the data folder closed.
 *   <li>{@code sockets}: the new one gets the listening sockets, and ways to this one's connections of QUIC. Both have them; only
 *       this one accepts.
 *   <li>{@code ready}: the new one is prepared to the last filter. This one writes its quotas for the last time, lets go of the
 *       plugins' store, and leaves what comes by UDP where it is.
 *   <li>{@code serving}: the new one accepts. From here on this gateway only ends its connections.
 * </ol>
 *
 * Whatever fails before the last step, the new process is ended, and this gateway takes everything back and goes on: traffic has
 * noticed nothing. One restart at a time.
 */
final class Restart {
    private static final Logger LOG = LoggerFactory.getLogger(Restart.class);

    /**
     * How long the new process may take for each step; its start is the longest, and takes minutes where processors are slow. Less
     * than the unit gives a reload.
     */
    private static final Duration STEP_MAX = Duration.ofMinutes(4);

    private static final Duration SOCKETS_MAX = Duration.ofSeconds(10);
    private static final long END_SECONDS_MAX = 10;

    /** Between two attempts to open again what a failed restart had given up: at first, and at most. */
    private static final Duration REOPEN_FIRST = Duration.ofSeconds(1);

    private static final Duration REOPEN_MAX = Duration.ofSeconds(30);
    private static final int TOKEN_BYTES = 16;

    private final ApplianceHandover handover;
    private final ServiceNotice manager;
    private final ServiceBeats beats;
    private final SecureRandom random = new SecureRandom();

    // Guarded by this: the attempt under way, what still opens after the last, and whether one has succeeded or none
    // may
    // begin any more.
    private @Nullable Attempt current;
    private @Nullable Thread reopening;
    private boolean isOver;

    /**
     * None is under way.
     *
     * @param manager hears of each restart; the unit is "reloading" for it meanwhile
     * @param beats end once another process serves: an old one that beats would hide a new one that is stuck
     */
    Restart(ApplianceHandover handover, ServiceNotice manager, ServiceBeats beats) {
        this.handover = handover;
        this.manager = manager;
        this.beats = beats;
    }

    /** A restart has come to nothing, and this gateway serves as before. The message says why. */
    static final class NotRestarted extends Exception {
        private static final long serialVersionUID = 1L;

        NotRestarted(String message) {
            super(message, null, false, false);
        }
    }

    private static final class Attempt {
        private final String token;
        private final CompletableFuture<ControlLink> arrival = new CompletableFuture<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private volatile @Nullable Process process;

        // Guarded by the restart: the process has this one's place, and is not ended any more.
        private boolean isServed;

        Attempt(String token) {
            this.token = token;
        }
    }

    /**
     * Restarts. Waits until the new process serves.
     *
     * @param program to start in place of this one's; empty for the same
     * @param arguments of {@code run} in place of this one's; none for the same
     * @param told hears of each step
     * @return the process that serves now
     * @throws NotRestarted if none does; this gateway goes on then
     */
    long run(Optional<String> program, List<String> arguments, Consumer<String> told) throws NotRestarted {
        Attempt attempt = begin();
        try {
            return run(attempt, program, arguments, told);
        } finally {
            attempt.end.complete(null);
            synchronized (this) {
                current = null;
            }
        }
    }

    private synchronized Attempt begin() throws NotRestarted {
        if (isOver) {
            throw new NotRestarted("this gateway is ending already");
        }
        if (current != null) {
            throw new NotRestarted("a restart is under way already");
        }
        if (reopening != null) {
            throw new NotRestarted(
                    "what the last restart had given up is not open again yet; the log says why, and each attempt to open it");
        }
        Optional<String> obstacle = handover.obstacle();
        if (obstacle.isPresent()) {
            throw new NotRestarted(obstacle.get());
        }
        byte[] token = new byte[TOKEN_BYTES];
        random.nextBytes(token);
        Attempt attempt = new Attempt(HexFormat.of().formatHex(token));
        current = attempt;
        return attempt;
    }

    /**
     * A process says that it is the one that was started: its conversation is led by {@link #run}.
     *
     * @return completes when the conversation is over; empty if it is not the one
     */
    synchronized Optional<CompletableFuture<Void>> arrived(String token, ControlLink link) {
        Attempt attempt = current;
        if (attempt == null || !attempt.token.equals(token) || !attempt.arrival.complete(link)) {
            return Optional.empty();
        }
        return Optional.of(attempt.end);
    }

    /** Begins none any more, and ends the one under way, unless that has succeeded. Waits for it. */
    void stop() {
        Attempt attempt;
        Thread opening;
        boolean isServed;
        synchronized (this) {
            isOver = true;
            attempt = current;
            isServed = attempt != null && attempt.isServed;
            opening = reopening;
        }
        if (opening != null) {
            opening.interrupt();
            joined(opening);
        }
        if (attempt != null) {
            if (!isServed) {
                end(attempt.process);
            }
            attempt.end.join();
        }
    }

    private long run(Attempt attempt, Optional<String> program, List<String> arguments, Consumer<String> told)
            throws NotRestarted {
        Progress progress = new Progress();
        Process process;
        // The time is CLOCK_MONOTONIC's, by which a manager of Type=notify-reload tells this reload from the one
        // before.
        manager.send("RELOADING=1", "MONOTONIC_USEC=" + System.nanoTime() / 1000);
        try {
            Relaunch relaunch = Relaunch.ofThisProcess();
            process = start(attempt, relaunch.command(program, arguments), relaunch.folder());
            told.accept("process " + process.pid() + " starts");
            ControlLink link = arrival(attempt, process);
            link.send("welcome", Long.toString(ProcessHandle.current().pid()));
            while (!progress.isServed) {
                step(link.receive(STEP_MAX), link, progress, told, process);
            }
            synchronized (this) {
                if (isOver) {
                    throw new NotRestarted("this gateway is told to end");
                }
                isOver = true;
                attempt.isServed = true;
            }
            letGo(process, link);
            return process.pid();
        } catch (IOException | RuntimeException failed) {
            throw takenBack(attempt, progress, String.valueOf(failed.getMessage()), told);
        } catch (NotRestarted failed) {
            throw takenBack(attempt, progress, String.valueOf(failed.getMessage()), told);
        }
    }

    // Nothing that fails here is a reason to go on beside the process that serves.
    private void letGo(Process process, ControlLink link) {
        try {
            beats.close();
            handover.handedOver();
            manager.send("MAINPID=" + process.pid());
            link.send("done");
        } catch (IOException | RuntimeException failed) {
            LOG.warn("process {} serves, but this one could not let go in order", process.pid(), failed);
        }
    }

    /** How far the new process has come. */
    private static final class Progress {
        private boolean isReleased;
        private boolean areFilesLeft;
        private boolean isServed;
    }

    private static Process start(Attempt attempt, List<String> command, Path folder) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).inheritIO();
        builder.environment().put(Takeover.VARIABLE, attempt.token);
        Process process = builder.start();
        attempt.process = process;
        return process;
    }

    private static ControlLink arrival(Attempt attempt, Process process) throws NotRestarted {
        // Whichever comes first: it speaks, or it ends without a word.
        CompletableFuture<Void> ended = process.onExit().thenAccept(gone -> {});
        try {
            CompletableFuture.anyOf(attempt.arrival, ended).get(STEP_MAX.toSeconds(), TimeUnit.SECONDS);
            ControlLink link = attempt.arrival.getNow(null);
            if (link == null) {
                throw new NotRestarted("the new process ended with status " + process.exitValue()
                        + " before it said a word; what it printed is on the standard error of this gateway");
            }
            return link;
        } catch (TimeoutException silent) {
            throw new NotRestarted("the new process did not say a word within " + STEP_MAX.toSeconds() + " s");
        } catch (ExecutionException failed) {
            throw new IllegalStateException("neither fails", failed);
        } catch (InterruptedException stopped) {
            throw new NotRestarted("this gateway is told to end");
        }
    }

    private void step(List<String> message, ControlLink link, Progress progress, Consumer<String> told, Process process)
            throws IOException, NotRestarted {
        if (message.isEmpty()) {
            throw new NotRestarted("the new process " + process.pid() + " ended before it served");
        }
        switch (message.getFirst()) {
            case "release" -> {
                progress.isReleased = true;
                Optional<String> obstacle = handover.release();
                if (obstacle.isPresent()) {
                    link.send("refused", obstacle.get());
                    throw new NotRestarted(obstacle.get());
                }
                told.accept("the store is handed over; admin calls wait until process " + process.pid() + " serves");
                link.send("released");
            }
            case "sockets" -> giveSockets(Path.of(message.getLast()), link, told);
            case "ready" -> {
                progress.areFilesLeft = true;
                handover.leaveFiles();
                link.send("go");
            }
            case "serving" -> progress.isServed = true;
            case "failed" -> throw new NotRestarted(message.getLast());
            default ->
                throw new NotRestarted("the new process said \"" + message.getFirst() + "\", which is not known");
        }
    }

    private void giveSockets(Path where, ControlLink link, Consumer<String> told) throws IOException {
        List<ListenerSockets> listeners = handover.listenerSockets();
        int listening = listeners.stream()
                .mapToInt(listener -> listener.sockets().size())
                .sum();
        List<ListenerSockets> all = new ArrayList<>(listeners);
        all.addAll(handover.packetWays());
        List<String> words = new ArrayList<>(List.of("sockets"));
        List<HandedSocket> sockets = new ArrayList<>();
        for (ListenerSockets listener : all) {
            words.addAll(List.of(
                    listener.listener(),
                    listener.address(),
                    Integer.toString(listener.sockets().size())));
            sockets.addAll(listener.sockets());
        }
        link.send(words);
        if (!sockets.isEmpty()) {
            SocketHandover.give(where, sockets, SOCKETS_MAX);
        }
        told.accept(listening + " listening sockets are handed over");
    }

    private NotRestarted takenBack(Attempt attempt, Progress progress, String why, Consumer<String> told) {
        // It must be gone before its locks can be taken.
        end(attempt.process);
        if (progress.areFilesLeft) {
            handover.keepFiles();
        }
        boolean isStopping;
        synchronized (this) {
            isStopping = isOver;
        }
        if (progress.areFilesLeft && !isStopping) {
            handover.openControlAgain();
        }
        if (progress.isReleased && !isStopping) {
            Optional<String> fault = handover.takeBack();
            if (fault.isPresent()) {
                LOG.error("the admin side cannot be opened again: {}", fault.get());
                told.accept("traffic is served, but the admin API stays closed until this is mended: " + fault.get());
                reopen();
            }
        }
        if (!isStopping) {
            manager.send("READY=1");
        }
        return new NotRestarted(why);
    }

    // A gateway that cannot be changed any more is half of one: whatever stood in the way may go by itself, or be
    // moved.
    private synchronized void reopen() {
        if (!isOver) {
            reopening = Thread.ofPlatform().name("penstock-reopen").daemon().start(this::reopenUntilDone);
        }
    }

    private void reopenUntilDone() {
        Duration wait = REOPEN_FIRST;
        boolean isOpen = false;
        try {
            while (!isOpen) {
                Thread.sleep(wait);
                Optional<String> fault = handover.takeBack();
                isOpen = fault.isEmpty();
                fault.ifPresent(why -> LOG.error("the admin side still cannot be opened: {}", why));
                Duration twice = wait.multipliedBy(2);
                wait = twice.compareTo(REOPEN_MAX) < 0 ? twice : REOPEN_MAX;
            }
            LOG.info("the admin side is open again");
        } catch (InterruptedException ending) {
            LOG.debug("the gateway ends before its admin side could be opened again");
        } finally {
            synchronized (this) {
                reopening = null;
            }
        }
    }

    private static void joined(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(@Nullable Process process) {
        if (process == null) {
            return;
        }
        // A program in between, that is not replaced by the gateway it starts, would leave that one behind.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.error("process {} does not end", process.pid());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}

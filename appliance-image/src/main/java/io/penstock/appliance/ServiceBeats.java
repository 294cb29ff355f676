package io.penstock.appliance;

import io.penstock.engine.EnginePhase;
import io.penstock.engine.EngineStatus;
import io.penstock.transport.ServiceNotice;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager again and again how the gateway stands, and that it is alive: a beat goes out only while every
 * worker's loop turns, so that a manager with a watchdog ends a gateway of which a worker is stuck.
 *
 * <p>On a thread of its own: what is asked of the engine waits for no worker.
 */
final class ServiceBeats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceBeats.class);
    private static final String INTERVAL_US = "WATCHDOG_USEC";
    private static final String FOR_PID = "WATCHDOG_PID";

    /** Where nobody waits for beats: how often the status is told. */
    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(5);

    /** Beats come at least this often apart, whatever the manager says. */
    private static final Duration INTERVAL_MIN = Duration.ofMillis(50);

    private final ServiceNotice manager;
    private final boolean hasWatchdog;
    private final Duration interval;
    private final Supplier<EngineStatus> engine;
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("penstock-beats").daemon().factory());
    private String told = "";

    private ServiceBeats(ServiceNotice manager, Optional<Duration> watchdog, Supplier<EngineStatus> engine) {
        this.manager = manager;
        this.hasWatchdog = watchdog.isPresent();
        this.interval = watchdog.orElse(STATUS_INTERVAL);
        this.engine = engine;
    }

    /**
     * Begins nothing yet.
     *
     * @param environment of the process
     * @param isTakeover whether this process takes another's place: the manager then named the other one to beat, and takes
     *     this one's beats since it is the main process by now
     */
    static ServiceBeats of(
            ServiceNotice manager, Map<String, String> environment, boolean isTakeover, Supplier<EngineStatus> engine) {
        long pid = ProcessHandle.current().pid();
        return new ServiceBeats(manager, watchdog(environment, isTakeover, pid), engine);
    }

    /**
     * How often the manager is to hear a beat: a quarter of what it waits for one. At half of it, which sd_watchdog_enabled(3)
     * recommends, a single beat that is left out has the next one come just when the manager's patience ends.
     */
    static Optional<Duration> watchdog(Map<String, String> environment, boolean isTakeover, long pid) {
        String wanted = environment.getOrDefault(INTERVAL_US, "");
        String wantedPid = environment.getOrDefault(FOR_PID, "");
        if (!wanted.matches("[0-9]{1,18}") || Long.parseLong(wanted) == 0) {
            return Optional.empty();
        }
        if (!isTakeover && !wantedPid.isEmpty() && !wantedPid.equals(Long.toString(pid))) {
            return Optional.empty();
        }
        Duration quarter = Duration.of(Long.parseLong(wanted) / 4, ChronoUnit.MICROS);
        return Optional.of(quarter.compareTo(INTERVAL_MIN) < 0 ? INTERVAL_MIN : quarter);
    }

    void start() {
        if (manager.isHeard()) {
            var _ = executor.scheduleAtFixedRate(this::turnOrLog, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void turnOrLog() {
        try {
            turn();
        } catch (RuntimeException failed) {
            // Thrown on, it would end the beats for good, and with them the gateway.
            LOG.error("the service manager could not be told how the gateway stands", failed);
        }
    }

    /** Tells once. */
    void turn() {
        EngineStatus status = engine.get();
        String text = text(status);
        if (!text.equals(told)) {
            manager.send("STATUS=" + text);
            told = text;
        }
        if (hasWatchdog && status.stuckWorkers() == 0) {
            manager.send("WATCHDOG=1");
        }
    }

    private static String text(EngineStatus status) {
        long connections = status.workers().stream()
                .mapToLong(EngineStatus.WorkerStatus::connections)
                .sum();
        long requests = status.workers().stream()
                .mapToLong(EngineStatus.WorkerStatus::activeRequests)
                .sum();
        String doing = status.phase() == EnginePhase.SERVING
                ? "serving revision " + status.revision()
                : status.phase().text();
        String stuck = status.stuckWorkers() == 0 ? "" : ", " + status.stuckWorkers() + " STUCK";
        return doing + ", workers " + status.workers().size() + stuck + ", connections " + connections + ", requests "
                + requests;
    }

    /** Another process beats from now on, or nobody does. Waits for the beat under way, so that none comes after it. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(INTERVAL_MIN.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("a beat is still under way");
            }
        } catch (InterruptedException cut) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.NodeLocality;
import io.penstock.engine.EnginePhase;
import io.penstock.engine.EngineStatus;
import io.penstock.transport.ServiceNotice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceBeatsTest {
    private static final long PID = 4711;

    @TempDir
    Path folder;

    @Test
    void beatsOnlyWhileEveryWorkerTurns() throws Exception {
        AtomicReference<EngineStatus> engine = new AtomicReference<>(status(EnginePhase.SERVING, 7, 0));
        try (ServiceSocket socket = new ServiceSocket(folder.resolve("notify"));
                ServiceBeats beats = ServiceBeats.of(
                        ServiceNotice.of(Map.of("NOTIFY_SOCKET", socket.path())),
                        Map.of("WATCHDOG_USEC", "2000000"),
                        false,
                        engine::get)) {
            beats.turn();
            assertThat(socket.heard())
                    .containsExactly("STATUS=serving revision 7, workers 2, connections 30, requests 3", "WATCHDOG=1");

            socket.forget();
            engine.set(status(EnginePhase.SERVING, 7, 1));
            beats.turn();
            beats.turn();
            assertThat(socket.heard())
                    .containsExactly("STATUS=serving revision 7, workers 2, 1 STUCK, connections 30, requests 3");

            socket.forget();
            engine.set(status(EnginePhase.DRAINING, 7, 0));
            beats.turn();
            beats.turn();
            assertThat(socket.heard())
                    .containsExactly(
                            "STATUS=draining, workers 2, connections 30, requests 3", "WATCHDOG=1", "WATCHDOG=1");
        }
    }

    @Test
    void tellsItsStatusWithoutAWatchdog() throws Exception {
        try (ServiceSocket socket = new ServiceSocket(folder.resolve("notify"));
                ServiceBeats beats = ServiceBeats.of(
                        ServiceNotice.of(Map.of("NOTIFY_SOCKET", socket.path())),
                        Map.of(),
                        false,
                        () -> status(EnginePhase.SERVING, 1, 0))) {
            beats.turn();

            assertThat(socket.heard()).singleElement().asString().startsWith("STATUS=serving");
        }
    }

    @Test
    void beatsSoOftenThatTwoMayBeLeftOut() {
        assertThat(ServiceBeats.watchdog(Map.of("WATCHDOG_USEC", "10000000"), false, PID))
                .contains(Duration.ofMillis(2500));
        assertThat(ServiceBeats.watchdog(Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "4711"), false, PID))
                .contains(Duration.ofMillis(2500));
        // Absurdly often would be a load of its own.
        assertThat(ServiceBeats.watchdog(Map.of("WATCHDOG_USEC", "1"), false, PID))
                .contains(Duration.ofMillis(50));
    }

    @Test
    void hasNoWatchdogWhereTheManagerMeansAnotherProcessOrSaysNothing() {
        assertThat(ServiceBeats.watchdog(Map.of(), false, PID)).isEmpty();
        for (String bad : List.of("", "0", "-1", "ten", "99999999999999999999")) {
            assertThat(ServiceBeats.watchdog(Map.of("WATCHDOG_USEC", bad), false, PID))
                    .as(bad)
                    .isEmpty();
        }
        Map<String, String> forAnother = Map.of("WATCHDOG_USEC", "10000000", "WATCHDOG_PID", "1");
        assertThat(ServiceBeats.watchdog(forAnother, false, PID)).isEmpty();
        // Its environment is that of the process whose place it takes.
        assertThat(ServiceBeats.watchdog(forAnother, true, PID)).contains(Duration.ofMillis(2500));
    }

    @Test
    void beginsNothingWhereNobodyListens() {
        try (ServiceBeats beats =
                ServiceBeats.of(ServiceNotice.of(Map.of()), Map.of("WATCHDOG_USEC", "2000000"), false, () -> {
                    throw new AssertionError("asked for nobody");
                })) {
            beats.start();
        }
    }

    private static EngineStatus status(EnginePhase phase, long revision, int stuck) {
        return new EngineStatus(
                "1",
                "epoll",
                "",
                "none",
                NodeLocality.UNKNOWN,
                phase,
                revision,
                stuck,
                stuck,
                1,
                List.of(
                        new EngineStatus.WorkerStatus(0, revision, 10, 1),
                        new EngineStatus.WorkerStatus(1, revision, 20, 2)),
                List.of(),
                List.of());
    }
}

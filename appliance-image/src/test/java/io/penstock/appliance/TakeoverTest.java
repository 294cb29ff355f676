package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.appliance.control.ControlSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The new process's half of a restart, where the old one falls silent. */
final class TakeoverTest {
    @TempDir
    Path folder;

    // An old gateway that says what it is to everything, and hangs up when the new one is ready.
    private ControlSocket oldGateway(long pid) throws Exception {
        return ControlSocket.open(folder, (request, link) -> {
            link.send("welcome", Long.toString(pid));
            link.receive(Duration.ofSeconds(20));
        });
    }

    private Takeover begin() throws Exception {
        return Takeover.begin(Map.of(Takeover.VARIABLE, "token"), folder).orElseThrow();
    }

    @Test
    void goesOnWhereTheOldOneHasDied() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        try (ControlSocket old = oldGateway(dead.pid());
                Takeover takeover = begin()) {
            takeover.ready();

            assertThat(old).isNotNull();
        }
    }

    @Test
    void doesNotServeBesideOneThatLives() throws Exception {
        Process alive = new ProcessBuilder("sleep", "600").start();
        try (ControlSocket old = oldGateway(alive.pid());
                Takeover takeover = begin()) {
            assertThatThrownBy(takeover::ready)
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("process " + alive.pid())
                    .hasMessageContaining("lives");
            assertThat(old).isNotNull();
        } finally {
            alive.destroyForcibly();
        }
    }
}

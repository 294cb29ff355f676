package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.control.ControlLink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager hears of a gateway's process, from its start over restarts to its end. */
final class ServiceManagerTest {
    private static final String ANY = "127.0.0.1:0";

    @TempDir
    Path folder;

    @Test
    void hearsOfTheStartOfBeatsOfRestartsAndOfTheEnd() throws Exception {
        try (ServiceSocket socket = new ServiceSocket(folder.resolve("notify"));
                GatewayProcess gateway = start(socket)) {
            gateway.awaitReady();
            socket.await(heard -> heard.contains("WATCHDOG=1"));
            assertThat(socket.heard().subList(0, 2)).containsExactly("READY=1", "MAINPID=" + gateway.pid());
            assertThat(socket.heard()).anyMatch(line -> line.startsWith("STATUS=serving revision 1"));

            socket.forget();
            assertThat(restart("/bin/false").getFirst()).isEqualTo("failed");
            socket.await(heard -> heard.contains("READY=1"));
            assertThat(socket.heard()).anyMatch(line -> line.startsWith("RELOADING=1"));
            assertThat(socket.heard()).anyMatch(line -> line.startsWith("MONOTONIC_USEC="));

            socket.forget();
            List<String> done = restart("");
            assertThat(done.getFirst()).isEqualTo("done");
            long successor = Long.parseLong(done.getLast());
            try {
                assertThat(gateway.awaitExit()).isZero();
                assertThat(socket.heard())
                        .contains("RELOADING=1", "READY=1", "MAINPID=" + successor)
                        .doesNotContain("STOPPING=1");
                socket.forget();
                // Of the new process, although its environment names the old one to beat.
                socket.await(heard -> heard.contains("WATCHDOG=1"));
                ProcessHandle.of(successor).orElseThrow().destroy();
                socket.await(heard -> heard.contains("STOPPING=1"));
                socket.await(heard -> heard.stream().anyMatch(line -> line.startsWith("STATUS=draining"))
                        || ProcessHandle.of(successor).isEmpty());
            } finally {
                ProcessHandle.of(successor).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    private GatewayProcess start(ServiceSocket socket) throws IOException {
        Map<String, String> manager = Map.of("NOTIFY_SOCKET", socket.path(), "WATCHDOG_USEC", "200000");
        return GatewayProcess.startWith(
                manager, folder, "--data", data().toString(), "--admin", ANY, "--status", ANY, "--drain", "2");
    }

    private Path data() {
        return folder.resolve("data");
    }

    /** @return the last words of the gateway's answer */
    private List<String> restart(String program) throws IOException {
        try (ControlLink link = ControlLink.connect(data())) {
            link.send(ControlLink.PROTOCOL, "restart", program);
            while (true) {
                List<String> answer = link.receive(Duration.ofMinutes(2));
                if (!answer.getFirst().equals("told")) {
                    return answer;
                }
            }
        }
    }
}

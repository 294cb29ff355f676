package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the launcher to the line that says that every worker serves. */
@Tag("long")
final class StartTimeTest {
    private static final int STARTS = 5;
    private static final String ANY = "127.0.0.1:0";

    @TempDir
    private Path folder;

    @Test
    void isReadyFromAnEmptyFolderAndFromAStoredConfiguration() throws Exception {
        List<Start> empty = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            empty.add(start(folder.resolve("empty-" + i), ""));
        }
        Path stored = folder.resolve("stored");
        Path document = Files.writeString(folder.resolve("first.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                routes:
                  - {name: hello, matches: [{path: {type: exact, value: /hello}}], respond: {body: up}}
                """);
        start(stored, " listeners web ", "--apply", document.toString());
        List<Start> again = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            again.add(start(stored, " listeners web "));
        }

        print("empty data folder", empty);
        print("stored configuration", again);
    }

    private Start start(Path data, String told, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--data", data.toString(), "--admin", ANY, "--status", ANY));
        arguments.addAll(List.of(more));
        try (GatewayProcess gateway = GatewayProcess.serving(folder, "", arguments.toArray(String[]::new))) {
            String ready = gateway.awaitReady();
            Start start = new Start(gateway.age(), gateway.cpu());
            assertThat(ready).contains(told);
            if (!told.isEmpty()) {
                try (LongRig.Client client = new LongRig.Client(GatewayProcess.port(ready, "listeners web "))) {
                    assertThat(client.get("/hello")).startsWith("HTTP/1.1 200 OK 2 ");
                }
            }
            gateway.signal("TERM");
            assertThat(gateway.awaitExit()).as(gateway.err()).isZero();
            return start;
        }
    }

    private record Start(Duration wall, Duration cpu) {}

    private static void print(String what, List<Start> starts) {
        System.out.printf(
                "start to ready, %-21s median %4d ms, CPU %4d ms; each %s%n",
                what + ":",
                median(starts.stream().map(Start::wall).toList()),
                median(starts.stream().map(Start::cpu).toList()),
                starts.stream().map(each -> each.wall().toMillis()).toList());
    }

    private static long median(List<Duration> each) {
        return each.stream()
                .sorted()
                .skip(each.size() / 2)
                .findFirst()
                .orElseThrow()
                .toMillis();
    }
}

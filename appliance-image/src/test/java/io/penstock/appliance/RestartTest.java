package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.admin.store.DataFolder;
import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import io.penstock.appliance.control.ControlLink;
import io.penstock.appliance.control.ControlSocket;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** One gateway process takes another's place, under load; and what becomes of it where the new one does not come to serve. */
final class RestartTest {
    private static final String TOKEN = "0123456789abcdef0123";
    private static final Pattern PID = Pattern.compile("process ([0-9]+) serves");

    private static final Pattern STARTING = Pattern.compile("process ([0-9]+) starts");

    @TempDir
    Path folder;

    private final List<Long> successors = new ArrayList<>();

    /** What a command of ours ended with. */
    private record Told(int exit, String text) {}

    @AfterEach
    void endSuccessors() {
        for (long pid : successors) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void failsNoRequestOverThreeRestartsAndKeepsEveryRevision(int workers) throws Exception {
        try (Gateway gateway = start("--workers", Integer.toString(workers));
                RestartLoad load = RestartLoad.on(gateway.web())) {
            for (int round = 1; round <= 3; round++) {
                long before = load.answered();
                Told restarted = restart();

                assertThat(restarted.exit()).as(restarted.text()).isEqualTo(ExitCode.OK);
                assertThat(gateway.status("/readyz")).startsWith("200 ");
                assertThat(gateway.put("restart" + round)).isIn(200, 201);
                load.awaitMoreThan(before);
            }
            assertThat(gateway.process().awaitExit())
                    .as(gateway.process().err())
                    .isZero();
            load.end();

            assertThat(load.failures()).isEmpty();
            assertThat(gateway.admin("/v1/node")).contains("\"revision\":5");
            assertThat(gateway.admin("/v1/routes/restart1")).startsWith("200 ");
        }
    }

    @Test
    void handsOverToOtherNumbersOfWorkers() throws Exception {
        try (Gateway gateway = start("--workers", "4");
                RestartLoad load = RestartLoad.on(gateway.web())) {
            for (String workers : List.of("1", "3")) {
                long before = load.answered();
                Told restarted = restart(
                        "--",
                        "--data",
                        data(),
                        "--admin",
                        gateway.adminAddress(),
                        "--status",
                        gateway.statusAddress(),
                        "--workers",
                        workers);
                assertThat(restarted.exit()).as(restarted.text()).isEqualTo(ExitCode.OK);
                load.awaitMoreThan(before);
            }
            load.end();

            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void restartsOnSighup() throws Exception {
        // Of a parent that ignores the signal (nohup) all children ignore it, and no Java program can change that.
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        assumeTrue((Long.parseUnsignedLong(ignored.substring(7).strip(), 16) & 1) == 0, "SIGHUP is ignored here");
        try (Gateway gateway = start();
                RestartLoad load = RestartLoad.on(gateway.web())) {
            gateway.process().signal("HUP");
            assertThat(gateway.process().awaitExit()).isZero();
            Matcher pid = PID.matcher(gateway.process().err());
            assertThat(pid.find()).as(gateway.process().err()).isTrue();
            successors.add(Long.parseLong(pid.group(1)));
            load.awaitMoreThan(load.answered());
            load.end();

            assertThat(load.failures()).isEmpty();
            assertThat(gateway.status("/readyz")).startsWith("200 ");
        }
    }

    @Test
    void goesOnWhereTheNewProcessDoesNotStart() throws Exception {
        try (Gateway gateway = start();
                RestartLoad load = RestartLoad.on(gateway.web())) {
            Told notThere = restart("--program", folder.resolve("absent").toString());
            Told endsAtOnce = restart("--program", "/bin/false");
            Told misused = restart("--", "--data", data(), "--workers", "none");
            // After the store was handed over.
            Told badAddress =
                    restart("--", "--data", data(), "--admin", "192.0.2.1:1", "--admin-cert", "a", "--admin-key", "b");

            assertThat(notThere.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(notThere.text()).contains("absent");
            assertThat(endsAtOnce.text()).contains("ended with status 1");
            assertThat(misused.text()).contains("ended with status 2");
            assertThat(badAddress.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(badAddress.text()).contains("the store is handed over").contains("the present process goes on");
            assertThat(gateway.put("after")).isIn(200, 201);
            assertThat(gateway.status("/readyz")).startsWith("200 ");
            load.awaitMoreThan(load.answered());
            load.end();
            assertThat(load.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"starts", "the store is handed over", "listening sockets are handed over"})
    void goesOnWhereTheNewProcessIsKilled(String stage) throws Exception {
        try (Gateway gateway = start();
                RestartLoad load = RestartLoad.on(gateway.web())) {
            List<String> answer = killedAt(stage);

            assertThat(answer.getFirst()).isEqualTo("failed");
            assertThat(answer.getLast()).contains("ended");
            assertThat(gateway.put("after")).isIn(200, 201);
            load.awaitMoreThan(load.answered());
            // The next one succeeds.
            assertThat(restart().exit()).isEqualTo(ExitCode.OK);
            load.awaitMoreThan(load.answered());
            load.end();
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    void opensTheStoreAgainOnceNobodyHoldsItAnyMore() throws Exception {
        try (Gateway gateway = start()) {
            DataFolder held;
            CompletableFuture<Told> restart = restartByThisTest();
            // It leaves with the folder in its hand.
            try (ControlLink link = arrive()) {
                ask(link, "released", "release");
                held = DataFolder.hold(Path.of(data()));
            }
            assertThat(restart.get(30, TimeUnit.SECONDS).text()).contains("the admin API stays closed until");
            assertThat(gateway.admin("/v1/node")).startsWith("503 ");
            assertThat(restart().text()).contains("not open again yet");

            held.close();

            assertThat(gateway.put("after")).isIn(200, 201);
            assertThat(restart().exit()).isEqualTo(ExitCode.OK);
        }
    }

    @Test
    void comesBackFromTheLastStepToo() throws Exception {
        try (Gateway gateway = start();
                RestartLoad load = RestartLoad.on(gateway.web())) {
            CompletableFuture<Told> restart = restartByThisTest();
            try (ControlLink link = arrive()) {
                ask(link, "released", "release");
                ask(link, "go", "ready");
                // It listens for the next restart, and ends in order before it serves.
                ControlSocket.open(Path.of(data()), (request, with) -> {}).close();
            }

            assertThat(restart.get(30, TimeUnit.SECONDS).text()).contains("ended before it served");
            assertThat(gateway.put("after")).isIn(200, 201);
            load.awaitMoreThan(load.answered());
            assertThat(restart().exit()).isEqualTo(ExitCode.OK);
            load.end();
            assertThat(load.failures()).isEmpty();
        }
    }

    /** Asks for a restart whose new process is this test, by {@link #arrive}. */
    private CompletableFuture<Told> restartByThisTest() throws IOException {
        Path program = Files.writeString(
                folder.resolve("program"),
                "#!/bin/sh\necho $" + Takeover.VARIABLE + " > " + token() + ".part\nmv " + token() + ".part " + token()
                        + "\nexec sleep 600\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return CompletableFuture.supplyAsync(() -> restart("--program", program.toString()));
    }

    private Path token() {
        return folder.resolve("takeover-token");
    }

    private ControlLink arrive() throws IOException {
        Awaitility.await().until(() -> Files.exists(token()));
        ControlLink link = ControlLink.connect(Path.of(data()));
        ask(
                link,
                "welcome",
                ControlLink.PROTOCOL,
                "takeover",
                Files.readString(token()).strip());
        return link;
    }

    private static void ask(ControlLink link, String wanted, String... words) throws IOException {
        link.send(words);
        assertThat(link.receive(Duration.ofSeconds(20)).getFirst()).isEqualTo(wanted);
    }

    @Test
    void refusesWhoSpeaksOtherwiseOrWasNotAskedFor() throws Exception {
        try (Gateway gateway = start();
                ControlLink stranger = ControlLink.connect(Path.of(data()));
                ControlLink uninvited = ControlLink.connect(Path.of(data()))) {
            stranger.send("penstock-control/0", "restart");
            uninvited.send(ControlLink.PROTOCOL, "takeover", "0000");

            assertThat(stranger.receive(Duration.ofSeconds(5)).getFirst()).isEqualTo("refused");
            assertThat(uninvited.receive(Duration.ofSeconds(5)).getFirst()).isEqualTo("refused");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(data(), ControlLink.FILE))))
                    .isEqualTo("rw-------");
            assertThat(gateway.status("/readyz")).startsWith("200 ");
        }
    }

    @Test
    void saysThatNobodyIsThere() {
        Told told = restart();

        assertThat(told.exit()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(told.text()).contains("no gateway that can be restarted listens at " + data());
    }

    @Test
    void hasNoRestartWithTheTransportOfTheJdk() throws Exception {
        try (Gateway gateway = start("--transport", "nio")) {
            Told told = restart();

            assertThat(told.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(told.text()).contains("transport nio cannot hand its sockets over");
            assertThat(gateway.status("/readyz")).startsWith("200 ");
        }
    }

    /** Asks for a restart and kills the new process once it has come so far. @return how it ended */
    private List<String> killedAt(String stage) throws IOException {
        try (ControlLink link = ControlLink.connect(Path.of(data()))) {
            link.send(ControlLink.PROTOCOL, "restart");
            long pid = 0;
            while (true) {
                List<String> answer = link.receive(Duration.ofMinutes(2));
                if (!answer.getFirst().equals("told")) {
                    return answer;
                }
                if (pid == 0) {
                    Matcher starting = STARTING.matcher(answer.getLast());
                    pid = starting.find() ? Long.parseLong(starting.group(1)) : 0;
                }
                if (answer.getLast().contains(stage)) {
                    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
        }
    }

    private Told restart(String... more) {
        List<String> arguments = new ArrayList<>(List.of("restart", "--data", data()));
        arguments.addAll(List.of(more));
        StringWriter said = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
        int exit = CommandLines.execute(line, arguments.toArray(new String[0]));
        Matcher pid = PID.matcher(said.toString());
        if (pid.find()) {
            successors.add(Long.parseLong(pid.group(1)));
        }
        return new Told(exit, said.toString());
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private Gateway start(String... more) throws IOException {
        Path document = Files.writeString(folder.resolve("hello.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                %s
                routes:
                  - {name: hello, matches: [{path: {type: exact, value: /hello}}], respond: {body: hello}}
                """.formatted(
                List.of(more).contains("nio")
                        ? ""
                        : "  - {name: xlocal, address: \"unix:" + folder.resolve("x.sock") + "\", protocol: http}"));
        Path token = Files.writeString(folder.resolve("token"), TOKEN);
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        String admin = "127.0.0.1:" + freePort();
        String status = "127.0.0.1:" + freePort();
        List<String> arguments = new ArrayList<>(List.of(
                "--data",
                data(),
                "--admin",
                admin,
                "--status",
                status,
                "--admin-token-file",
                token.toString(),
                "--apply",
                document.toString(),
                "--drain",
                "3"));
        arguments.addAll(List.of(more));
        GatewayProcess process = GatewayProcess.start(folder, arguments.toArray(new String[0]));
        try {
            String ready = process.awaitReady();
            return new Gateway(process, GatewayProcess.port(ready, "listeners web "), admin, status);
        } catch (AssertionError failed) {
            process.close();
            throw failed;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private record Gateway(GatewayProcess process, int web, String adminAddress, String statusAddress)
            implements AutoCloseable {
        String status(String path) throws IOException, InterruptedException {
            return get(statusAddress, path);
        }

        String admin(String path) throws IOException, InterruptedException {
            return get(adminAddress, path);
        }

        private static String get(String address, String path) throws IOException, InterruptedException {
            HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create("http://" + address + path)));
            return response.statusCode() + " " + response.body();
        }

        /** Makes a route. @return the status */
        int put(String route) throws IOException, InterruptedException {
            int[] status = new int[1];
            // Between two owners the API asks to come again.
            Awaitility.await().until(() -> {
                status[0] = send(HttpRequest.newBuilder(URI.create("http://" + adminAddress + "/v1/routes/" + route))
                                .header("Content-Type", "application/json")
                                .PUT(HttpRequest.BodyPublishers.ofString("""
                                {"name": "%s", "matches": [{"path": {"type": "exact", "value": "/%s"}}], "respond": {"body": "x"}}
                                """.formatted(route, route))))
                        .statusCode();
                return status[0] != 503;
            });
            return status[0];
        }

        private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
            try (HttpClient client = HttpClient.newHttpClient()) {
                return client.send(
                        request.header("Authorization", "Bearer " + TOKEN).build(),
                        HttpResponse.BodyHandlers.ofString());
            }
        }

        @Override
        public void close() {
            process.close();
        }
    }
}

package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as a process: how it starts, what keeps it from starting, and how it ends. */
final class RunProcessTest {
    private static final String ANY = "127.0.0.1:0";

    @TempDir
    Path folder;

    @Test
    void servesADocumentThenAfterAKillTheLastGoodRevision() throws Exception {
        Path document = document("hello");
        int port;
        try (GatewayProcess gateway = run("--apply", document.toString())) {
            String ready = gateway.awaitReady();
            port = GatewayProcess.port(ready, "listeners web ");
            assertThat(get(port, "/hello")).isEqualTo("200 hello");
            assertThat(get(GatewayProcess.port(ready, "status http://"), "/readyz"))
                    .startsWith("200 ");
            assertThat(ready).contains("revision 2");
            gateway.signal("KILL");
            assertThat(gateway.awaitExit()).isEqualTo(128 + 9);
        }

        try (GatewayProcess gateway = run()) {
            String ready = gateway.awaitReady();
            assertThat(ready).contains("revision 2");
            assertThat(get(GatewayProcess.port(ready, "listeners web "), "/hello"))
                    .isEqualTo("200 hello");
        }
        // Nothing differs, so that there is no revision 3.
        try (GatewayProcess gateway = run("--apply", document.toString())) {
            assertThat(gateway.awaitReady()).contains("revision 2");
        }
    }

    @Test
    void letsTheRequestUnderWayFinishOnSigterm() throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                GatewayProcess gateway =
                        run("--apply", proxying(upstream.getLocalPort()).toString())) {
            String ready = gateway.awaitReady();
            try (Socket client =
                            new Socket(InetAddress.getLoopbackAddress(), GatewayProcess.port(ready, "listeners web "));
                    Socket endpoint = ask(client, upstream)) {
                gateway.signal("TERM");
                awaitNotReady(GatewayProcess.port(ready, "status http://"));
                endpoint.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate".getBytes(StandardCharsets.US_ASCII));

                assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 200")
                        .endsWith("late");
            }
            assertThat(gateway.awaitExit()).as(gateway.err()).isZero();
        }
    }

    @Test
    void cutsWhatIsLeftOnTheSecondSignal() throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                GatewayProcess gateway =
                        run("--apply", proxying(upstream.getLocalPort()).toString())) {
            String ready = gateway.awaitReady();
            try (Socket client =
                            new Socket(InetAddress.getLoopbackAddress(), GatewayProcess.port(ready, "listeners web "));
                    Socket endpoint = ask(client, upstream)) {
                assertThat(endpoint.isConnected()).isTrue();
                gateway.signal("TERM");
                awaitNotReady(GatewayProcess.port(ready, "status http://"));
                gateway.signal("INT");

                assertThat(gateway.awaitExit()).as(gateway.err()).isZero();
            }
        }
    }

    @Test
    void refusesAFolderThatAnotherProcessHolds() throws Exception {
        try (GatewayProcess first = run();
                GatewayProcess second = startedAfter(first)) {
            assertThat(second.awaitExit()).isEqualTo(ExitCode.FOLDER_IN_USE);
            assertThat(second.err())
                    .contains("in use by process " + first.pid())
                    .contains("--data");
        }
    }

    private GatewayProcess startedAfter(GatewayProcess first) throws IOException {
        first.awaitReady();
        return run();
    }

    @Test
    void refusesAnAddressThatSomeoneServes() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            try (GatewayProcess gateway =
                    GatewayProcess.start(folder, "--data", data(), "--admin", address, "--status", ANY)) {
                assertThat(gateway.awaitExit()).isEqualTo(ExitCode.ADDRESS_IN_USE);
                assertThat(gateway.err()).contains("admin API: " + address + " is served by someone already");
            }
            Path document = Files.writeString(folder.resolve("taken.yaml"), """
                    apiVersion: penstock/v1
                    listeners:
                      - {name: web, address: "%s", protocol: http}
                    """.formatted(address));
            try (GatewayProcess gateway = run("--apply", document.toString())) {
                assertThat(gateway.awaitExit()).isEqualTo(ExitCode.ADDRESS_IN_USE);
                assertThat(gateway.err()).contains("taken.yaml:3:").contains(address);
            }
        }
    }

    @Test
    void tellsTheFaultsOfADocumentWithTheirLines() throws Exception {
        Path document = Files.writeString(folder.resolve("bad.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocl: http}
                """);

        try (GatewayProcess gateway = run("--apply", document.toString())) {
            assertThat(gateway.awaitExit()).isEqualTo(ExitCode.FAILED);
            assertThat(gateway.err())
                    .contains("bad.yaml:3:")
                    .contains("protocl")
                    .contains("did you mean");
        }
    }

    @Test
    void makesASetupTokenThatNobodyElseCanReadUnlessThereIsAToken() throws Exception {
        try (GatewayProcess gateway = run()) {
            gateway.awaitReady();
            Path file = Path.of(data(), "setup-token");
            assertThat(gateway.err()).contains(Files.readString(file).strip());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        Path token = Files.writeString(folder.resolve("token"), "  0123456789abcdef0123\n");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
        try (GatewayProcess gateway = run("--admin-token-file", token.toString())) {
            String ready = gateway.awaitReady();
            assertThat(gateway.err())
                    .doesNotContain("setup token")
                    .contains("warning: --admin-token-file: token file " + token + " has the mode rw-r--r--")
                    .contains("chmod 600 " + token)
                    .doesNotContain("0123456789abcdef0123");
            assertThat(get(GatewayProcess.port(ready, "admin http://"), "/v1/node", "0123456789abcdef0123"))
                    .startsWith("200 ");
        }
    }

    private GatewayProcess run(String... more) throws IOException {
        String[] arguments = new String[6 + more.length];
        System.arraycopy(new String[] {"--data", data(), "--admin", ANY, "--status", ANY}, 0, arguments, 0, 6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return GatewayProcess.start(folder, arguments);
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private Path document(String body) throws IOException {
        return Files.writeString(folder.resolve("hello.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                routes:
                  - {name: hello, matches: [{path: {type: exact, value: /hello}}], respond: {body: %s}}
                """.formatted(body));
    }

    private Path proxying(int port) throws IOException {
        return Files.writeString(folder.resolve("proxying.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                upstreams:
                  - {name: slow, targets: [{address: "127.0.0.1:%d"}]}
                services:
                  - {name: slow, upstream: slow}
                routes:
                  - {name: all, service: slow, matches: [{path: {type: prefix, value: /}}]}
                """.formatted(port));
    }

    /** Sends a request and waits until it has reached the upstream. */
    private static Socket ask(Socket client, ServerSocket upstream) throws IOException {
        client.getOutputStream().write("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Socket endpoint = upstream.accept();
        InputStream in = endpoint.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        return endpoint;
    }

    private static void awaitNotReady(int statusPort) {
        Awaitility.await().until(() -> get(statusPort, "/readyz").startsWith("503 "));
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        return get(port, path, "none");
    }

    /** The answer's status, a blank, and its body. */
    private static String get(int port, String path, String token) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .header("Authorization", "Bearer " + token)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        }
    }
}

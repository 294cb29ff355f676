package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.penstock.metrics.Sample;
import io.penstock.metrics.SyslogShipper;
import java.io.BufferedInputStream;
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
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs are shipped to a collector of the test's own, which comes, goes and lies about who it is. */
final class SyslogTest {
    private static final String ANY = "127.0.0.1:0";
    private static final Duration WAIT_MAX = Duration.ofMinutes(1);
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path folder;

    @BeforeEach
    void makeCertificate() throws Exception {
        keys("collector", "ip:127.0.0.1");
    }

    private void keys(String name, String names) throws Exception {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String store = folder.resolve(name + ".p12").toString();
        assertThat(Tool.run(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                "a",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=" + names,
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store,
                                "-storepass",
                                "changeit")
                        .exit())
                .isZero();
        assertThat(Tool.run(
                                keytool,
                                "-exportcert",
                                "-rfc",
                                "-alias",
                                "a",
                                "-keystore",
                                store,
                                "-storepass",
                                "changeit",
                                "-file",
                                folder.resolve(name + ".pem").toString())
                        .exit())
                .isZero();
    }

    @Test
    void shipsRequestsAndEventsAndGoesOnWhenTheCollectorComesBack() throws Exception {
        int port;
        try (Collector first = new Collector("collector", 0)) {
            port = first.port();
            try (GatewayProcess gateway = start(port, "collector.pem")) {
                String ready = gateway.awaitReady();
                int web = GatewayProcess.port(ready, "listeners web ");
                get(web, "/first");
                Awaitility.await().atMost(WAIT_MAX).until(() -> first.heard("\"path\":\"/first\""));
                String line = first.messages.stream()
                        .filter(message -> message.contains("/first"))
                        .findFirst()
                        .orElseThrow();
                assertThat(line)
                        .matches("<134>1 [0-9-]{10}T[0-9:.]{8,12}Z [!-~]+ penstock " + gateway.pid()
                                + " access\\.[!-~]+ - \\{.*}");
                first.end();

                // Nobody takes them: the gateway serves on.
                for (int request = 0; request < 20; request++) {
                    get(web, "/meanwhile" + request);
                }
                Awaitility.await().atMost(WAIT_MAX).until(() -> metrics(ready).contains("penstock_syslog_connected 0"));
                try (Collector second = new Collector("collector", port)) {
                    Awaitility.await().atMost(WAIT_MAX).until(() -> second.heard("/meanwhile19"));
                    for (int request = 0; request < 20; request++) {
                        assertThat(second.heard("/meanwhile" + request + "\"")).isTrue();
                    }
                    // What the program says of itself comes too.
                    assertThat(second.heard("does not take logs")).isTrue();
                    assertThat(metrics(ready))
                            .contains("penstock_syslog_connected 1")
                            .contains("penstock_syslog_dropped_total 0");
                    get(web, "/last");
                    gateway.signal("TERM");
                    assertThat(gateway.awaitExit()).isZero();
                    assertThat(second.heard("/last")).isTrue();
                }
            }
        }
    }

    @Test
    void tellsNothingToACollectorOfAnotherNameOrIssuer() throws Exception {
        keys("other", "dns:elsewhere.example");
        try (Collector liar = new Collector("other", 0);
                GatewayProcess untrusting = start(liar.port(), "collector.pem")) {
            int web = GatewayProcess.port(untrusting.awaitReady(), "listeners web ");
            get(web, "/secret-path");
            Awaitility.await().atMost(WAIT_MAX).until(() -> untrusting.err().contains("does not take logs"));
            assertThat(liar.messages).allMatch(message -> message.startsWith("gone"));
        }
        try (Collector liar = new Collector("other", 0);
                GatewayProcess trusting = start(liar.port(), "other.pem")) {
            int web = GatewayProcess.port(trusting.awaitReady(), "listeners web ");
            get(web, "/secret-path");
            Awaitility.await().atMost(WAIT_MAX).until(() -> trusting.err().contains("does not take logs"));
            assertThat(liar.messages).allMatch(message -> message.startsWith("gone"));
        }
    }

    @Test
    void refusesTargetsItCannotMean() {
        for (String bad :
                List.of("logs.example:6514", "tls:logs.example", "tls::6514", "tls:a:0", "tls:a:70000", "udp:a:1")) {
            assertThatThrownBy(() -> SyslogTarget.parse(bad, Optional.empty()))
                    .as(bad)
                    .hasMessageContaining("wanted tls:HOST:PORT");
        }
        assertThat(SyslogTarget.parse("tls:[::1]:6514", Optional.empty()).host())
                .isEqualTo("::1");
        assertThat(SyslogTarget.parse("tls://logs.example:6514", Optional.empty())
                        .port())
                .isEqualTo(6514);
    }

    @Test
    void endsInTimeBesideACollectorThatReadsNoMore() throws Exception {
        try (Collector deaf = new Collector("collector", 0, false)) {
            SyslogTarget target =
                    SyslogTarget.parse("tls:127.0.0.1:" + deaf.port(), Optional.of(folder.resolve("collector.pem")));
            SyslogShipper shipper =
                    new SyslogShipper(target.host(), target.port(), target.tls(), "gate", 7, Clock.systemUTC());
            shipper.start();
            String line = "x".repeat(60_000);
            Awaitility.await().atMost(WAIT_MAX).until(() -> {
                shipper.event(6, line);
                return value(shipper, "penstock_syslog_dropped_total") > 100
                        && value(shipper, "penstock_syslog_sent_total") > 0;
            });

            assertTimeoutPreemptively(Duration.ofSeconds(30), shipper::close);
        }
    }

    @Test
    void givesUpACollectorThatReadsNoMoreAndShipsToTheNextOne() throws Exception {
        AtomicLong nowNs = new AtomicLong();
        int port;
        try (Collector deaf = new Collector("collector", 0, false)) {
            port = deaf.port();
            SyslogTarget target =
                    SyslogTarget.parse("tls:127.0.0.1:" + port, Optional.of(folder.resolve("collector.pem")));
            try (SyslogShipper shipper =
                    new SyslogShipper(target.host(), port, target.tls(), "gate", 7, Clock.systemUTC(), nowNs::get)) {
                shipper.start();
                String line = "x".repeat(60_000);
                Awaitility.await().atMost(WAIT_MAX).until(() -> {
                    shipper.event(6, line);
                    return value(shipper, "penstock_syslog_dropped_total") > 100
                            && value(shipper, "penstock_syslog_sent_total") > 0;
                });
                assertThat(value(shipper, "penstock_syslog_stalled_total")).isZero();

                // No time of the machine's passes: only this clock says that the write is late.
                nowNs.addAndGet(Duration.ofSeconds(31).toNanos());

                Awaitility.await().atMost(WAIT_MAX).until(() -> value(shipper, "penstock_syslog_stalled_total") == 1);
                deaf.end();
                try (Collector reading = new Collector("collector", port)) {
                    Awaitility.await().atMost(WAIT_MAX).until(() -> {
                        shipper.event(6, "still here");
                        return reading.heard("still here");
                    });
                }
            }
        }
    }

    @Test
    void namesALogByNoMoreCharactersThanAMessageHasRoomFor() throws Exception {
        try (Collector collector = new Collector("collector", 0)) {
            SyslogTarget target = SyslogTarget.parse(
                    "tls:127.0.0.1:" + collector.port(), Optional.of(folder.resolve("collector.pem")));
            try (SyslogShipper shipper = new SyslogShipper(
                    target.host(), target.port(), target.tls(), "h".repeat(300), 7, Clock.systemUTC())) {
                shipper.start();
                shipper.line("n".repeat(60), new byte[] {'o', 'k'}, 2);
                Awaitility.await().atMost(WAIT_MAX).until(() -> collector.heard(" ok"));
            }
            assertThat(collector.messages.getFirst()).matches("<134>1 \\S+ h{255} penstock 7 access\\.n{25} - ok");
        }
    }

    private static double value(SyslogShipper shipper, String metric) {
        List<Sample> samples = new ArrayList<>();
        shipper.collect(samples::add);
        return samples.stream()
                .filter(sample -> sample.entry().name().equals(metric))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private GatewayProcess start(int port, String authorities) throws IOException {
        Path document = Files.writeString(folder.resolve("web.yaml"), """
            apiVersion: penstock/v1
            listeners:
              - {name: web, address: "127.0.0.1:0", protocol: http}
            routes:
              - {name: all, matches: [{path: {type: prefix, value: /}}], respond: {body: hello}}
            """);
        return GatewayProcess.start(
                folder,
                "--data",
                Files.createTempDirectory(folder, "data").toString(),
                "--admin",
                ANY,
                "--status",
                ANY,
                "--apply",
                document.toString(),
                "--syslog",
                "tls:127.0.0.1:" + port,
                "--syslog-ca",
                folder.resolve(authorities).toString());
    }

    private static String metrics(String ready) throws IOException, InterruptedException {
        return get(GatewayProcess.port(ready, "status http://"), "/metrics");
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /** Takes syslog messages over TLS, one connection at a time, by their lengths. */
    private final class Collector implements AutoCloseable {
        private final List<String> messages = Collections.synchronizedList(new ArrayList<>());
        private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());
        private final ServerSocket listening;
        private final boolean isReading;
        private final CountDownLatch closed = new CountDownLatch(1);

        Collector(String keys, int port) throws Exception {
            this(keys, port, true);
        }

        /** One that takes connections, and perhaps no messages. */
        Collector(String keys, int port, boolean isReading) throws Exception {
            this.isReading = isReading;
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(folder.resolve(keys + ".p12"))) {
                store.load(in, PASSWORD);
            }
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, PASSWORD);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(managers.getKeyManagers(), null, null);
            listening = tls.getServerSocketFactory().createServerSocket(port, 8, InetAddress.getLoopbackAddress());
            if (!isReading) {
                listening.setReceiveBufferSize(8192);
            }
            Thread.ofPlatform().daemon().start(this::run);
        }

        int port() {
            return listening.getLocalPort();
        }

        boolean heard(String text) {
            synchronized (messages) {
                return messages.stream().anyMatch(message -> message.contains(text));
            }
        }

        private void run() {
            while (!listening.isClosed()) {
                try (Socket socket = listening.accept()) {
                    open.add(socket);
                    if (!isReading) {
                        ((SSLSocket) socket).startHandshake();
                        // Until the end of the test.
                        closed.await();
                    }
                    read(new BufferedInputStream(socket.getInputStream()));
                } catch (IOException | InterruptedException gone) {
                    messages.add("gone: " + gone);
                }
            }
        }

        private void read(InputStream in) throws IOException {
            while (true) {
                int length = 0;
                for (int digit = in.read(); digit != ' '; digit = in.read()) {
                    if (digit < '0' || digit > '9') {
                        return;
                    }
                    length = length * 10 + digit - '0';
                }
                messages.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
            }
        }

        @Override
        public void close() throws IOException {
            end();
        }

        /** Is gone from here on, as if it had been killed. */
        void end() throws IOException {
            closed.countDown();
            listening.close();
            for (Socket socket : List.copyOf(open)) {
                socket.close();
            }
        }
    }
}

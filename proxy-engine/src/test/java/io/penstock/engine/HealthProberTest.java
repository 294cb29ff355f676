package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.HttpCheckConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.StatusRange;
import io.penstock.config.TcpCheckConfig;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.discovery.HealthCheck;
import io.penstock.transport.tls.Believed;
import io.penstock.transport.tls.ClientContext;
import io.penstock.transport.tls.TlsLibrary;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks of an endpoint on a real socket, well or wicked. */
final class HealthProberTest {
    private static final int TIMEOUT_MS = 20_000;
    private static final int BETWEEN_BYTES_MS = 50;

    private final HealthProber prober = new HealthProber("test", upstream -> Optional.empty());
    private ServerSocket endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        endpoint.setSoTimeout(TIMEOUT_MS);
    }

    @AfterEach
    void close() throws IOException {
        prober.close();
        endpoint.close();
    }

    private CompletableFuture<HealthCheck.Answer> ask(ActiveHealthConfig check) {
        return ask(prober, check);
    }

    private CompletableFuture<HealthCheck.Answer> ask(HealthProber by, ActiveHealthConfig check) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.getLocalPort());
        return by.ask(new HealthCheck.Question(
                        "orders", address, "orders.internal:8080", check, UpstreamProtocol.HTTP1, Optional.empty()))
                .toCompletableFuture();
    }

    private static ActiveHealthConfig http(Map<String, Object> members) {
        return ActiveHealthConfig.of(RecordDefaults.of(HttpCheckConfig.class, members));
    }

    private Peer accept() throws IOException {
        return new Peer(endpoint.accept(), TIMEOUT_MS);
    }

    private static HealthCheck.Answer answer(CompletableFuture<HealthCheck.Answer> asked) throws Exception {
        return asked.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    @Test
    void asksForThePathWithTheTargetAsHost() throws Exception {
        CompletableFuture<HealthCheck.Answer> asked = ask(http(Map.of("path", "/healthz?deep=1")));
        try (Peer peer = accept()) {
            assertThat(peer.readHead())
                    .startsWith("GET /healthz?deep=1 HTTP/1.1\r\nHost: orders.internal:8080\r\n")
                    .contains("User-Agent: penstock-health/test\r\n", "Connection: close\r\n");
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
            assertThat(answer(asked)).isEqualTo(new HealthCheck.Answer(true, "status 204"));
        }
    }

    @Test
    void saysTheHostThatIsWritten() throws Exception {
        var _ = ask(http(Map.of("host", Optional.of("shop.example"))));
        try (Peer peer = accept()) {
            assertThat(peer.readHead()).contains("\r\nHost: shop.example\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"200,true", "299,true", "301,true", "500,false", "404,false"})
    void goesByTheStatusesThatAreExpected(int status, boolean isGood) throws Exception {
        CompletableFuture<HealthCheck.Answer> asked =
                ask(http(Map.of("expectedStatuses", List.of(StatusRange.parse("2xx"), StatusRange.parse("301")))));
        try (Peer peer = accept()) {
            peer.readHead();
            peer.send("HTTP/1.1 " + status + "\r\n\r\n");
            assertThat(answer(asked)).isEqualTo(new HealthCheck.Answer(isGood, "status " + status));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 20"})
    void isNotTakenInByWhatIsNoAnswer(String answer) throws Exception {
        CompletableFuture<HealthCheck.Answer> asked = ask(http(Map.of()));
        try (Peer peer = accept()) {
            peer.readHead();
            peer.send(answer);
            peer.endOutput();
            assertThat(answer(asked).isGood()).isFalse();
        }
    }

    @Test
    void waitsNoLongerForOneThatTrickles() throws Exception {
        CompletableFuture<HealthCheck.Answer> asked = ask(http(Map.of("timeout", Duration.ofMillis(300))));
        try (Peer peer = accept()) {
            while (!asked.isDone()) {
                peer.send("H");
            }
        } catch (IOException closed) {
            // As it should be.
        }
        assertThat(answer(asked).isGood()).isFalse();
    }

    @Test
    void waitsNoLongerForAHandshakeThatTrickles() throws Exception {
        ClientContext context = ClientContext.of(
                TlsLibrary.JDK,
                new Believed(List.of(), List.of()),
                Optional.empty(),
                TlsPolicyConfig.INTERMEDIATE,
                List.of(),
                Optional.empty(),
                List.of());
        try (HealthProber secured = new HealthProber("test", upstream -> Optional.of(context))) {
            CompletableFuture<HealthCheck.Answer> asked = ask(secured, http(Map.of("timeout", Duration.ofMillis(300))));
            try (Peer peer = accept()) {
                // The head of a record that is as long as they come; each further byte is progress to who reads.
                peer.send(new byte[] {22, 3, 3, 0x3f, (byte) 0xff});
                for (int sent = 0; sent < TIMEOUT_MS / BETWEEN_BYTES_MS && !isDoneWithin(asked); sent++) {
                    peer.send("\2");
                }
            } catch (IOException closed) {
                // As it should be.
            }
            assertThat(answer(asked)).isEqualTo(new HealthCheck.Answer(false, "no answer within 300 ms"));
        }
    }

    private static boolean isDoneWithin(CompletableFuture<HealthCheck.Answer> asked) throws Exception {
        try {
            return asked.get(BETWEEN_BYTES_MS, TimeUnit.MILLISECONDS) != null;
        } catch (TimeoutException notYet) {
            return false;
        }
    }

    @Test
    void waitsNoLongerForOneThatIsSilent() throws Exception {
        CompletableFuture<HealthCheck.Answer> asked = ask(http(Map.of("timeout", Duration.ofMillis(100))));

        assertThat(answer(asked)).isEqualTo(new HealthCheck.Answer(false, "no answer within 100 ms"));
    }

    @Test
    void readsNoMoreThanOneHead() throws Exception {
        CompletableFuture<HealthCheck.Answer> asked = ask(http(Map.of()));
        try (Peer peer = accept()) {
            peer.readHead();
            peer.send("HTTP/1.1 200 OK\r\n");
            peer.sendMuch(64 * 1024 * 1024);
        }
        assertThat(answer(asked).isGood()).isTrue();
    }

    @Test
    void isContentWithAConnectionWhereThatIsAllThatIsAsked() throws Exception {
        ActiveHealthConfig tcp = ActiveHealthConfig.of(RecordDefaults.of(TcpCheckConfig.class));
        assertThat(answer(ask(tcp)).isGood()).isTrue();

        endpoint.close();
        assertThat(answer(ask(tcp)).isGood()).isFalse();
    }
}

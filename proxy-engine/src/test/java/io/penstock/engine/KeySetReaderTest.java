package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Key sets of servers that behave, and of those that do not. */
final class KeySetReaderTest {
    private static final Duration TTL = Duration.ofMinutes(10);
    private static final String SET = "{\"keys\":[]}";

    private final AtomicLong nowNs = new AtomicLong(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final Origins origins = new Origins();
    private final KeySetReader reader = new KeySetReader(nowNs::get, Duration.ofMillis(300));
    private volatile HttpHandler server = exchange -> answer(exchange, 200, SET);
    private URI address = URI.create("http://127.0.0.1:1/");

    @BeforeEach
    void aServer() {
        address = URI.create("http://"
                + origins.serve(exchange -> {
                    asked.incrementAndGet();
                    server.handle(exchange);
                })
                + "/keys");
    }

    @AfterEach
    void nothingIsLeft() {
        reader.close();
        origins.close();
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        Origins.answer(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }

    private String read(URI from, boolean isMissing) throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        reader.ask(from, TTL, isMissing, heard::complete);
        return heard.get(20, TimeUnit.SECONDS);
    }

    private String read() throws Exception {
        return read(address, false);
    }

    private void timePasses(Duration time) {
        nowNs.addAndGet(time.toNanos());
    }

    private void assertRefused(HttpHandler behaviour) throws Exception {
        server = behaviour;
        assertThat(read()).isEmpty();
        // Nobody else has to wait for it, and nobody asks it at once again.
        assertThat(read()).isEmpty();
        assertThat(asked.get()).isEqualTo(1);
        server = exchange -> answer(exchange, 200, SET);
        timePasses(Duration.ofSeconds(11));
        assertThat(read()).isEqualTo(SET);
    }

    @Test
    void oneThatIsThereIsReadOnceInItsTime() throws Exception {
        assertThat(read()).isEqualTo(SET);
        timePasses(Duration.ofMinutes(9));
        assertThat(read()).isEqualTo(SET);
        assertThat(asked.get()).isEqualTo(1);

        timePasses(Duration.ofMinutes(2));
        assertThat(read()).isEqualTo(SET);
        assertThat(asked.get()).isEqualTo(2);
    }

    @Test
    void aKeyThatIsMissingHasItReadAgainButNotAtOnce() throws Exception {
        read();
        for (int i = 0; i < 5; i++) {
            read(address, true);
        }
        assertThat(asked.get()).isEqualTo(1);

        timePasses(Duration.ofSeconds(11));
        read(address, true);
        assertThat(asked.get()).isEqualTo(2);
    }

    @Test
    void anErrorIsNoSet() throws Exception {
        assertRefused(exchange -> answer(exchange, 500, SET));
    }

    @Test
    void whatIsNoJsonIsNoSet() throws Exception {
        assertRefused(exchange -> answer(exchange, 200, "<html>" + SET));
    }

    @Test
    void aSetOfTwoMegabytesIsNotRead() throws Exception {
        assertRefused(exchange -> answer(exchange, 200, "{\"keys\":\"" + "x".repeat(2 << 20) + "\"}"));
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        AtomicInteger elsewhere = new AtomicInteger();
        String other = origins.serve(exchange -> {
            elsewhere.incrementAndGet();
            answer(exchange, 200, SET);
        });
        assertRefused(exchange -> {
            exchange.getResponseHeaders().add("Location", "http://" + other + "/");
            answer(exchange, 302, "");
        });
        assertThat(elsewhere.get()).isZero();
    }

    @Test
    void anEndlessOneIsGivenUp() throws Exception {
        assertRefused(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                while (true) {
                    body.write(' ');
                    body.flush();
                    LockSupport.parkNanos(20_000_000);
                }
            }
        });
    }

    @Test
    void aSilentServerHoldsNobodyElseUpForLong() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            assertThat(read(URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/"), false))
                    .isEmpty();
            assertThat(read()).isEqualTo(SET);
        }
    }

    @Test
    void oneThatIsGoneServesAsItWasUntilItIsBack() throws Exception {
        assertThat(read()).isEqualTo(SET);
        server = exchange -> answer(exchange, 503, "");
        timePasses(TTL.plusSeconds(1));
        assertThat(read()).isEqualTo(SET);
        assertThat(asked.get()).isEqualTo(2);
        for (int i = 0; i < 5; i++) {
            assertThat(read(address, true)).isEqualTo(SET);
        }
        assertThat(asked.get()).isEqualTo(2);

        server = exchange -> answer(exchange, 200, "{\"keys\":[1]}");
        timePasses(Duration.ofSeconds(11));
        assertThat(read()).isEqualTo("{\"keys\":[1]}");
    }

    @Test
    void afterItsCloseNobodyIsAsked() throws Exception {
        reader.close();

        assertThat(read()).isEmpty();
        assertThat(asked.get()).isZero();
    }
}

package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DnsClientTest {
    private FakeDnsServer server;
    private DnsClient client;

    @BeforeEach
    void open() throws IOException {
        server = new FakeDnsServer();
        client = DnsClient.open(List.of(server.address()), Duration.ofMillis(200));
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static DnsAddress address(String literal, long ttlSeconds) throws UnknownHostException {
        return new DnsAddress(InetAddress.getByName(literal), ttlSeconds);
    }

    private DnsAnswer resolve(String name) {
        return client.resolve(name)
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void findsBothFamiliesWithTheirTimesToLive() throws Exception {
        server.put("pay.test", address("192.0.2.1", 30), address("2001:db8::1", 7), address("192.0.2.2", 30));

        assertThat(resolve("pay.test"))
                .isEqualTo(new DnsAnswer.Found(
                        List.of(address("192.0.2.1", 30), address("192.0.2.2", 30), address("2001:db8::1", 7))));
    }

    @Test
    void aTimeToLiveOfZeroIsTold() throws Exception {
        server.put("flip.test", address("192.0.2.1", 0));

        assertThat(resolve("flip.test")).isEqualTo(new DnsAnswer.Found(List.of(address("192.0.2.1", 0))));
    }

    @Test
    void nothingIsKept() throws Exception {
        server.put("move.test", address("192.0.2.1", 300));
        resolve("move.test");
        server.put("move.test", address("192.0.2.9", 300));

        assertThat(resolve("move.test")).isEqualTo(new DnsAnswer.Found(List.of(address("192.0.2.9", 300))));
    }

    @Test
    void tellsANameThatDoesNotExistFromOneWithoutAddress() {
        server.put("empty.test");

        assertThat(resolve("nobody.test")).isEqualTo(new DnsAnswer.NoSuchName());
        assertThat(resolve("empty.test")).isEqualTo(new DnsAnswer.NoAddress());
    }

    @Test
    void tellsASilentServerFromOneThatFails() {
        server.beSilentAbout("slow.test");
        server.failFor("broken.test");

        assertThat(resolve("slow.test")).isEqualTo(new DnsAnswer.TimedOut());
        assertThat(resolve("broken.test")).isInstanceOf(DnsAnswer.Failed.class);
    }

    @Test
    void aNameThatIsNoneFails() {
        assertThat(resolve("a..b")).isInstanceOf(DnsAnswer.Failed.class);
        assertThat(resolve("x".repeat(64) + ".test")).isInstanceOf(DnsAnswer.Failed.class);
    }

    @Test
    void anAddressIsItsOwnAnswer() throws Exception {
        assertThat(resolve("192.0.2.7")).isEqualTo(new DnsAnswer.Found(List.of(address("192.0.2.7", 86_400))));
        assertThat(resolve("2001:db8::7")).isEqualTo(new DnsAnswer.Found(List.of(address("2001:db8::7", 86_400))));
    }

    @Test
    void theNextServerIsAskedWhenTheFirstIsSilent() throws Exception {
        try (FakeDnsServer second = new FakeDnsServer();
                DnsClient both = DnsClient.open(List.of(server.address(), second.address()), Duration.ofMillis(200))) {
            server.beSilentAbout("pay.test");
            second.put("pay.test", address("192.0.2.1", 30));

            assertThat(both.resolve("pay.test").toCompletableFuture().join())
                    .isEqualTo(new DnsAnswer.Found(List.of(address("192.0.2.1", 30))));
        }
    }

    @Test
    void theSystemsOwnConfigurationKnowsLocalhost() {
        try (DnsClient system = DnsClient.open()) {
            assertThat(system.resolve("localhost").toCompletableFuture().join()).isInstanceOf(DnsAnswer.Found.class);
        }
    }
}

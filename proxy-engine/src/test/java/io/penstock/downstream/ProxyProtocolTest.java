package io.penstock.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.Cidr;
import io.penstock.config.ClientAddressConfig;
import io.penstock.config.ClientAddressSource;
import io.penstock.config.ProxyProtocolMode;
import io.penstock.config.ResourceType;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener makes of PROXY headers, by who sends them. */
final class ProxyProtocolTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String LINE = "PROXY TCP4 203.0.113.9 10.0.0.1 4711 443\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** Where the harness' clients come from. */
    private static final String PEER = "192.0.2.0/24";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void listener(ProxyProtocolMode mode, String trusted) {
        worker.publish(WorkerHarness.listener()
                .proxyProtocol(mode)
                .clientAddress(new ClientAddressConfig(ClientAddressSource.PEER, List.of(Cidr.parse(trusted))))
                .build());
    }

    private String forwarded() {
        return worker.endpoint().sent();
    }

    @Test
    void makesTheClientsAddressThePeers() {
        listener(ProxyProtocolMode.REQUIRED, PEER);
        FakeChannel client = worker.client(LINE + GET);

        assertThat(forwarded()).contains("X-Forwarded-For: 203.0.113.9\r\n");
        worker.endpoint().deliver(OK);
        assertThat(client.sent()).endsWith("ok");
        client.deliver(GET);
        assertThat(forwarded()).contains("X-Forwarded-For: 203.0.113.9\r\n");
        assertThat(worker.count(Counter.PROXY_HEADERS)).isEqualTo(1);
    }

    @Test
    void whoseHeaderComesAfterTheListenerIsGoneIsServedOnceMore() {
        listener(ProxyProtocolMode.REQUIRED, PEER);
        FakeChannel client = worker.client();
        worker.publish(worker.config()
                .without(
                        ResourceType.LISTENERS, WorkerHarness.listener().build().name()));

        client.deliver(LINE + GET);
        worker.endpoint().deliver(OK);

        assertThat(client.sent()).startsWith("HTTP/1.1 200 ").contains("Connection: close\r\n");
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void takesItInPieces() {
        listener(ProxyProtocolMode.OPTIONAL, PEER);
        FakeChannel client = worker.client();
        for (char next : (LINE + GET).toCharArray()) {
            client.deliver(String.valueOf(next));
        }

        assertThat(forwarded()).contains("X-Forwarded-For: 203.0.113.9\r\n");
    }

    @Test
    void tellsTheUpstreamOfTlsThatEndedBefore() {
        listener(ProxyProtocolMode.REQUIRED, PEER);
        byte[] header = {
            0x0d,
            0x0a,
            0x0d,
            0x0a,
            0,
            0x0d,
            0x0a,
            0x51,
            0x55,
            0x49,
            0x54,
            0x0a,
            0x21,
            0x11,
            0,
            20,
            (byte) 203,
            0,
            113,
            9,
            10,
            0,
            0,
            1,
            1,
            1,
            1,
            1,
            0x20,
            0,
            5,
            1,
            0,
            0,
            0,
            0
        };
        worker.client(new String(header, StandardCharsets.ISO_8859_1) + GET);

        assertThat(forwarded()).contains("X-Forwarded-For: 203.0.113.9\r\n").contains("X-Forwarded-Proto: https\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN\r\n", "\r\n\r\n\0\r\nQUIT\n \0\0\0"})
    void keepsThePeersOwnAddressWhereNoneIsNamed(String header) {
        listener(ProxyProtocolMode.REQUIRED, PEER);
        worker.client(header + GET);

        assertThat(forwarded()).contains("X-Forwarded-For: 192.0.2.7\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, "PROXY TCP4 nonsense\r\n" + GET, "\r\n\r\n\0\r\nQUIT\n\u0011\0\0\0"})
    void closesAConnectionWithoutAGoodOneWhereItIsRequired(String bytes) {
        listener(ProxyProtocolMode.REQUIRED, PEER);
        FakeChannel client = worker.client(bytes);

        assertThat(client.isAborted()).isTrue();
        assertThat(client.sent()).isEmpty();
        assertThat(worker.connects()).isZero();
        assertThat(worker.count(Reason.PROXY_HEADER_INVALID)).isEqualTo(1);
        assertThat(worker.listenerPermits()).isZero();
    }

    @Test
    void closesAConnectionWhoseHeaderDoesNotCome() {
        listener(ProxyProtocolMode.REQUIRED, PEER);
        FakeChannel silent = worker.client();
        FakeChannel slow = worker.client("PROXY TCP4 203.0.113.9");

        worker.advance(Duration.ofSeconds(4));
        slow.deliver(" ");
        assertThat(silent.isOpen()).isTrue();
        worker.advance(Duration.ofSeconds(2));

        assertThat(silent.isAborted()).isTrue();
        assertThat(slow.isAborted()).isTrue();
        assertThat(worker.count(Reason.PROXY_HEADER_TIMEOUT)).isEqualTo(2);
    }

    @Test
    void passesConnectionsWithoutOneWhereItIsOptional() {
        listener(ProxyProtocolMode.OPTIONAL, PEER);
        worker.client(GET);
        assertThat(forwarded()).contains("X-Forwarded-For: 192.0.2.7\r\n");
        worker.endpoint().deliver(OK);

        // POST begins as PROXY does: what was taken comes again.
        FakeChannel client = worker.client();
        client.deliver("P");
        client.deliver("OS");
        client.deliver("T /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
        assertThat(forwarded()).startsWith("POST /x ").endsWith("hi");
        worker.endpoint().deliver(OK);
        assertThat(client.sent()).endsWith("ok");
    }

    @Test
    void believesNobodyElse() {
        listener(ProxyProtocolMode.OPTIONAL, "198.51.100.0/24");
        FakeChannel client = worker.client(LINE + GET);

        assertThat(client.sent()).startsWith("HTTP/1.1 400 ");
        assertThat(worker.connects()).isZero();

        listener(ProxyProtocolMode.REQUIRED, "198.51.100.0/24");
        FakeChannel other = worker.client();
        assertThat(other.isAborted()).isTrue();
        assertThat(worker.count(Reason.PROXY_HEADER_UNTRUSTED)).isEqualTo(1);
    }

    @Test
    void letsAClientGoThatEndsInTheMiddleOfIt() {
        listener(ProxyProtocolMode.OPTIONAL, PEER);
        FakeChannel client = worker.client("PROXY TC");
        client.endInput();

        assertThat(client.isAborted()).isTrue();
        assertThat(worker.listenerPermits()).isZero();
    }

    @Test
    void isCutWithTheWorker() {
        listener(ProxyProtocolMode.OPTIONAL, PEER);
        FakeChannel client = worker.client("PROXY TC");
        worker.drain();

        worker.close();

        assertThat(client.isAborted()).isTrue();
    }
}

package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.Cidr;
import io.penstock.config.ClientAddressConfig;
import io.penstock.config.ClientAddressSource;
import io.penstock.config.ProxyProtocolMode;
import io.penstock.config.ProxyVersion;
import io.penstock.metrics.Counter;
import io.penstock.transport.FakeChannel;
import io.penstock.transport.proxy.ProxyHeader;
import io.penstock.transport.proxy.ProxyHeaderReader;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections to endpoints that begin with a PROXY header. */
final class ProxyToUpstreamTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void upstream(ProxyVersion version) {
        worker.publish(
                WorkerHarness.upstream("10.0.0.1:80").proxyProtocol(version).build());
    }

    @Test
    void tellTheClientOnceAndCarryOneRequest() {
        upstream(ProxyVersion.V1);
        FakeChannel client = worker.client(GET);
        FakeChannel endpoint = worker.endpoint();
        assertThat(endpoint.sent()).startsWith("PROXY TCP4 192.0.2.7 127.0.0.1 40000 8080\r\nGET / HTTP/1.1\r\n");
        endpoint.deliver(OK);
        assertThat(client.sent()).endsWith("ok");
        assertThat(endpoint.isOpen()).isFalse();

        client.deliver(GET);

        assertThat(worker.connects()).isEqualTo(2);
        assertThat(worker.endpoint().sent()).startsWith("PROXY TCP4 ");
        worker.endpoint().deliver(OK);
        assertThat(worker.count(Counter.UPSTREAM_REUSES)).isZero();
    }

    @Test
    void tellWhatTheProxyBeforeHasTold() {
        upstream(ProxyVersion.V2);
        worker.publish(WorkerHarness.listener()
                .proxyProtocol(ProxyProtocolMode.REQUIRED)
                .clientAddress(new ClientAddressConfig(ClientAddressSource.PEER, List.of(Cidr.parse("192.0.2.0/24"))))
                .build());
        worker.client("PROXY TCP4 203.0.113.9 10.0.0.1 4711 443\r\n" + GET);

        byte[] sent = worker.endpoint().sent().getBytes(StandardCharsets.ISO_8859_1);
        ProxyHeaderReader reader = new ProxyHeaderReader();
        int taken = reader.feed(new UnsafeBuffer(sent), 0, sent.length);
        ProxyHeader header = reader.header();

        assertThat(Objects.requireNonNull(header.source()).toString()).isEqualTo("/203.0.113.9:4711");
        assertThat(Objects.requireNonNull(header.destination()).toString()).isEqualTo("/10.0.0.1:443");
        assertThat(header.uniqueId()).hasSize(26);
        assertThat(new String(sent, taken, sent.length - taken, StandardCharsets.ISO_8859_1))
                .startsWith("GET / ");
    }

    @Test
    void keepNoneThatWasMadeBefore() {
        worker.client(GET);
        worker.endpoint().deliver(OK);
        assertThat(worker.endpoint().isOpen()).isTrue();
        upstream(ProxyVersion.V1);

        worker.client(GET);

        assertThat(worker.connects()).isEqualTo(2);
        assertThat(worker.endpoint().sent()).startsWith("PROXY TCP4 ");
    }
}

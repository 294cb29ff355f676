package io.penstock.transport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ProxyVersion;
import io.penstock.transport.proxy.ProxyHeaderReader.State;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written is what is read. */
final class ProxyHeaderWriterTest {
    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    private static ProxyHeader read(byte[] bytes) {
        ProxyHeaderReader reader = new ProxyHeaderReader();
        int taken = reader.feed(new UnsafeBuffer(bytes), 0, bytes.length);
        assertThat(reader.state()).isEqualTo(State.COMPLETE);
        assertThat(taken).isEqualTo(bytes.length);
        return reader.header();
    }

    @ParameterizedTest
    @CsvSource({"V1,203.0.113.9,10.0.0.1", "V1,2001:db8::9,2001:db8::1", "V2,203.0.113.9,10.0.0.1", "V2,2001:db8::9,::1"
    })
    void tellsBothAddresses(ProxyVersion version, String source, String destination) {
        ProxyHeader header = ProxyHeader.of(address(source, 4711), address(destination, 443));

        ProxyHeader read = read(ProxyHeaderWriter.write(version, header));

        assertThat(read.source()).isEqualTo(header.source());
        assertThat(read.destination()).isEqualTo(header.destination());
    }

    @Test
    void tellsAddressesOfTwoFamiliesWhereTheVersionCan() {
        ProxyHeader header = ProxyHeader.of(address("2001:db8::9", 1), address("10.0.0.1", 2));

        assertThat(new String(ProxyHeaderWriter.write(ProxyVersion.V1, header), StandardCharsets.US_ASCII))
                .isEqualTo("PROXY UNKNOWN\r\n");
        assertThat(read(ProxyHeaderWriter.write(ProxyVersion.V2, header)).destination())
                .isEqualTo(header.destination());
    }

    @ParameterizedTest
    @EnumSource
    void saysNothingOfConnectionsOfItsOwn(ProxyVersion version) {
        assertThat(read(ProxyHeaderWriter.local(version)).source()).isNull();
        assertThat(ProxyHeaderWriter.write(version, ProxyHeader.NOTHING)).isEqualTo(ProxyHeaderWriter.local(version));
    }

    @Test
    void tellsWhatIsKnownOfTlsAndOfTheConnection() {
        ProxyHeader.Tls tls = new ProxyHeader.Tls(true, "TLSv1.3", "acme", "TLS_AES_128_GCM_SHA256");
        ProxyHeader header = new ProxyHeader(
                address("203.0.113.9", 1),
                address("10.0.0.1", 2),
                new byte[] {'h', '2'},
                "shop.example",
                new byte[] {1, 2, 3},
                tls);

        ProxyHeader read = read(ProxyHeaderWriter.write(ProxyVersion.V2, header));

        assertThat(read.alpn()).isEqualTo(header.alpn());
        assertThat(read.authority()).isEqualTo("shop.example");
        assertThat(read.uniqueId()).isEqualTo(header.uniqueId());
        assertThat(read.tls()).isEqualTo(tls);
    }
}

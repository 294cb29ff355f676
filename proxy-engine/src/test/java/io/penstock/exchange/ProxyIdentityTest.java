package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.transport.proxy.ProxyHeader;
import io.penstock.transport.tls.TlsFacts;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is told on of TLS that ends here. */
final class ProxyIdentityTest {
    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void tellsVersionNameAndProtocolOfTheClientsTls() {
        ProxyHeader told = ProxyIdentity.of(
                new TlsFacts("TLSv1.3", ascii("TLSv1.3"), "h2", "shop.example", ascii("shop.example"), false, null));

        assertThat(told.tls()).isEqualTo(new ProxyHeader.Tls(false, "TLSv1.3", "", ""));
        assertThat(told.authority()).isEqualTo("shop.example");
        assertThat(told.alpn()).isEqualTo(ascii("h2"));
    }

    @Test
    void tellsNoNameThatWasNotAskedFor() {
        ProxyHeader told = ProxyIdentity.of(new TlsFacts("TLSv1.2", ascii("TLSv1.2"), "", null, ascii(""), true, null));

        assertThat(told.authority()).isEmpty();
        assertThat(told.alpn()).isEmpty();
    }
}

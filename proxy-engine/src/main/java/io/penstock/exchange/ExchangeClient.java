package io.penstock.exchange;

import io.penstock.config.CertificateFacts;
import io.penstock.http.AddressText;
import io.penstock.http.ByteBuilder;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.ClientView;
import io.penstock.transport.tls.TlsFacts;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where the request of one exchange came from; makes texts only when asked. */
@WorkerConfined
final class ExchangeClient implements ClientView {
    private final Exchange exchange;

    ExchangeClient(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public String address() {
        ByteBuilder text = new ByteBuilder(AddressText.TEXT_MAX);
        AddressText.append(exchange.clientAddress(), text);
        return new String(text.array(), 0, text.length(), StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] addressBytes() {
        return exchange.clientAddress();
    }

    @Override
    public int port() {
        return exchange.stream().peer().port();
    }

    @Override
    public String listener() {
        return exchange.stream().listener().name();
    }

    @Override
    public boolean isSecure() {
        return exchange.stream().isSecure();
    }

    @Override
    public @Nullable CertificateFacts certificate() {
        TlsFacts tls = exchange.stream().tls();
        return tls == null ? null : tls.client();
    }
}

package io.penstock.exchange;

import io.penstock.http.AddressText;
import io.penstock.http.ByteBuilder;
import io.penstock.spi.ClientView;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestValues;
import io.penstock.spi.RequestView;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a request says that nobody sent: nobody is known behind it, and its id is made up. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SampleValues(RequestView request, String route, byte[] clientAddress) implements RequestValues, ClientView {
    @Override
    public String requestId() {
        return "sample";
    }

    @Override
    public ClientView client() {
        return this;
    }

    @Override
    public @Nullable Identity identity() {
        return null;
    }

    @Override
    public String address() {
        ByteBuilder text = new ByteBuilder(AddressText.TEXT_MAX);
        AddressText.append(clientAddress, text);
        return new String(text.array(), 0, text.length(), StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] addressBytes() {
        return clientAddress;
    }

    @Override
    public int port() {
        return 0;
    }

    @Override
    public String listener() {
        return "";
    }

    @Override
    public boolean isSecure() {
        return false;
    }
}

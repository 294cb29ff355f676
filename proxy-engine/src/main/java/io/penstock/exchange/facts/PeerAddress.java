package io.penstock.exchange.facts;

import io.penstock.http.AddressText;
import io.penstock.http.ByteBuilder;
import io.penstock.mark.WorkerConfined;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** The far end of a client's connection in the forms that requests need: made once per connection. */
@WorkerConfined
public final class PeerAddress {
    private final byte[] bytes = new byte[AddressText.BYTES];
    private final byte[] text;
    private final int port;

    /** The address of a socket; a unix socket's is the IPv6 unspecified address. */
    public PeerAddress(InetSocketAddress address) {
        port = address.getPort();
        InetAddress ip = address.getAddress();
        AddressText.widen(ip.getAddress(), bytes);
        ByteBuilder builder = new ByteBuilder(AddressText.TEXT_MAX);
        AddressText.append(bytes, builder);
        this.text = Arrays.copyOf(builder.array(), builder.length());
    }

    /** 16 bytes; not to be written to. */
    public byte[] bytes() {
        return bytes;
    }

    /** The port; 0 for a unix socket. */
    public int port() {
        return port;
    }

    /** The address as text; not to be written to. */
    public byte[] text() {
        return text;
    }
}

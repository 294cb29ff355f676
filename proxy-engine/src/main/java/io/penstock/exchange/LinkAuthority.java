package io.penstock.exchange;

import io.penstock.http.AddressText;
import io.penstock.http.ByteBuilder;
import io.penstock.http.RequestHead;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * By which name a link back to this gateway leads there again: what the client called it, or, for an HTTP/1.0 request
 * without Host, the address that its connection came to. Made only for answers that hold such a link.
 *
 * @param host without a port, an IPv6 address in brackets; empty where the client came by a unix socket and named nothing
 * @param authority the host, with its port where that is not the scheme's own
 */
record LinkAuthority(String host, String authority) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    static LinkAuthority of(RequestHead request, DownstreamStream stream) {
        if (request.authorityLength() > 0) {
            return new LinkAuthority(request.host(), request.authority());
        }
        InetSocketAddress local = stream.localAddress();
        if (local.getPort() == 0) {
            return new LinkAuthority("", "");
        }
        String host = hostOf(local);
        boolean isUsualPort = local.getPort() == (stream.isSecure() ? HTTPS_PORT : HTTP_PORT);
        return new LinkAuthority(host, isUsualPort ? host : host + ":" + local.getPort());
    }

    private static String hostOf(InetSocketAddress local) {
        byte[] address = new byte[AddressText.BYTES];
        AddressText.widen(local.getAddress().getAddress(), address);
        ByteBuilder builder = new ByteBuilder(AddressText.TEXT_MAX);
        AddressText.append(address, builder);
        String text = new String(builder.array(), 0, builder.length(), StandardCharsets.US_ASCII);
        return AddressText.isV4(address) ? text : "[" + text + "]";
    }

    boolean isKnown() {
        return !host.isEmpty();
    }
}

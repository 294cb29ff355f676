package io.penstock.exchange;

import io.penstock.config.CertificateFacts;
import io.penstock.exchange.facts.PeerAddress;
import io.penstock.exchange.facts.RequestIdText;
import io.penstock.http.AddressText;
import io.penstock.transport.proxy.ProxyHeader;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What an upstream that wants PROXY headers is told of who is behind a connection. */
final class ProxyIdentity {
    private ProxyIdentity() {}

    /** The client of a request, as limits and logs know it; its port is told where the peer is the client. */
    static ProxyHeader of(DownstreamStream stream, byte[] clientAddress, RequestIdText id) {
        TlsFacts facts = stream.tls();
        ProxyHeader before = facts == null ? stream.proxyHeader() : of(facts);
        boolean isPeer = Arrays.equals(clientAddress, stream.peer().bytes());
        return of(
                before,
                clientAddress,
                isPeer ? stream.peer().port() : 0,
                stream.localAddress(),
                before.authority(),
                id,
                before.tls());
    }

    /** What is known of a client's TLS that ends here. */
    static ProxyHeader of(TlsFacts facts) {
        String name = facts.serverName();
        CertificateFacts client = facts.client();
        return new ProxyHeader(
                null,
                null,
                facts.protocol().getBytes(StandardCharsets.US_ASCII),
                name == null ? "" : name,
                new byte[0],
                new ProxyHeader.Tls(client != null, facts.version(), client == null ? "" : client.commonName(), ""));
    }

    /** The client of a connection that is passed on. */
    static ProxyHeader of(
            ProxyHeader before, PeerAddress peer, InetSocketAddress local, String serverName, RequestIdText id) {
        return of(
                before,
                peer.bytes(),
                peer.port(),
                local,
                serverName.isEmpty() ? before.authority() : serverName,
                id,
                before.tls());
    }

    private static ProxyHeader of(
            ProxyHeader before,
            byte[] address,
            int port,
            InetSocketAddress local,
            String authority,
            RequestIdText id,
            ProxyHeader.@Nullable Tls tls) {
        if (AddressText.high(address) == 0 && AddressText.low(address) == 0) {
            // By a unix socket: there is no address to tell.
            return ProxyHeader.NOTHING;
        }
        byte[] uniqueId = before.uniqueId().length > 0 ? before.uniqueId() : Arrays.copyOf(id.bytes(), id.length());
        return new ProxyHeader(
                new InetSocketAddress(ip(address), port), local, before.alpn(), authority, uniqueId, tls);
    }

    private static InetAddress ip(byte[] address) {
        try {
            // One that is mapped becomes an IPv4 address.
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException never) {
            throw new IllegalStateException("an address has 16 bytes", never);
        }
    }
}

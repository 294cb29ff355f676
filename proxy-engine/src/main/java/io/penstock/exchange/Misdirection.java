package io.penstock.exchange;

import io.penstock.http.RequestHead;
import io.penstock.snapshot.ShownNames;
import io.penstock.transport.tls.ServerNames;
import io.penstock.transport.tls.TlsFacts;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Requests for a host on a connection that was made for another (RFC 9110 section 7.4), as clients of HTTP/2 may send them (RFC 9113 section 9.1.1):
 * they are refused where the two ask clients for different certificates, since otherwise the one would be a way around the other.
 */
final class Misdirection {
    private Misdirection() {}

    /** Whether a request came on a connection on which its host is not served. */
    static boolean isOf(RequestHead request, DownstreamStream stream) {
        ShownNames shown = stream.listener().tls();
        TlsFacts tls = stream.tls();
        ServerNames<Integer> askings = shown == null ? null : shown.askings();
        if (askings == null || tls == null) {
            return false;
        }
        byte[] asked = tls.serverNameBytes();
        int host = request.hostOffset();
        if (Arrays.equals(request.bytes(), host, host + request.hostLength(), asked, 0, asked.length)) {
            return false;
        }
        // Two texts, for requests whose host is not the name of their connection, where some names ask for
        // certificates.
        String name = new String(request.bytes(), host, request.hostLength(), StandardCharsets.US_ASCII);
        return !Objects.equals(askings.of(name), askings.of(tls.serverName()));
    }
}

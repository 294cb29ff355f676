package io.penstock.transport.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import io.penstock.config.CertificateFacts;
import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * What became of a handshake.
 *
 * @param version such as {@code TLSv1.3}
 * @param versionBytes the same in ASCII; not to be written to
 * @param protocol what both chose to speak over it (RFC 7301); empty where they chose nothing
 * @param serverName the name that the client asked for, in lower case; null for none
 * @param serverNameBytes the same in ASCII, empty for none; not to be written to
 * @param isResumed whether keys of an earlier connection were used again
 * @param client the certificate that the client showed and that is believed; null for none
 */
@SharedByWorkers
@SuppressWarnings("ArrayRecordComponent") // Compared by identity only; for the log, which takes bytes.
public record TlsFacts(
        String version,
        byte[] versionBytes,
        String protocol,
        @Nullable String serverName,
        byte[] serverNameBytes,
        boolean isResumed,
        @Nullable CertificateFacts client) {
    /** The protocol's name for HTTP/3. */
    public static final String HTTP_3 = "h3";

    /** The protocol's name for HTTP/2. */
    public static final String HTTP_2 = "h2";

    /** The protocol's name for HTTP/1.1. */
    public static final String HTTP_1_1 = "http/1.1";

    /** The protocol's name for a handshake that proves a name to a certificate authority, behind which nothing is spoken (RFC 8737). */
    public static final String ACME_TLS = "acme-tls/1";

    /** Reads them off an engine whose handshake is done. */
    public static TlsFacts of(SSLEngine engine, @Nullable String serverName) {
        String version = engine.getSession().getProtocol();
        return new TlsFacts(
                version,
                version.getBytes(StandardCharsets.US_ASCII),
                Objects.requireNonNullElse(engine.getApplicationProtocol(), ""),
                serverName,
                Objects.requireNonNullElse(serverName, "").getBytes(StandardCharsets.US_ASCII),
                engine instanceof ReferenceCountedOpenSslEngine open && SSL.isSessionReused(open.sslPointer()),
                engine.getNeedClientAuth() || engine.getWantClientAuth() ? client(engine) : null);
    }

    /** Reads them off an engine of QUIC's, which does not tell whether keys were used again. */
    public static TlsFacts ofQuic(SSLEngine engine, @Nullable String serverName) {
        return new TlsFacts(
                "TLSv1.3",
                "TLSv1.3".getBytes(StandardCharsets.US_ASCII),
                HTTP_3,
                serverName,
                Objects.requireNonNullElse(serverName, "").getBytes(StandardCharsets.US_ASCII),
                false,
                client(engine));
    }

    private static @Nullable CertificateFacts client(SSLEngine engine) {
        try {
            return engine.getSession().getPeerCertificates()[0] instanceof X509Certificate shown
                    ? CertificateFacts.of(shown)
                    : null;
        } catch (SSLPeerUnverifiedException none) {
            return null;
        }
    }
}

package io.penstock.engine;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/** That a name is served here, as a certificate authority wants it to be shown (RFC 8555 section 8). */
public sealed interface DomainProof {
    /**
     * A text for whoever asks for {@code /.well-known/acme-challenge/TOKEN} in clear text, ahead of all routes.
     *
     * @param token the last segment of the path
     */
    record Http(String token, String text) implements DomainProof {}

    /**
     * A certificate for handshakes of https listeners that want to speak {@code acme-tls/1} (RFC 8737).
     *
     * @param name in lower case
     */
    record Tls(String name, X509Certificate certificate, PrivateKey key) implements DomainProof {}
}

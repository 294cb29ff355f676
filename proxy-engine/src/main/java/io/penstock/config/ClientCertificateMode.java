package io.penstock.config;

/** What becomes of clients without a certificate. One that shows a bad certificate is refused either way. */
public enum ClientCertificateMode implements Choice {
    /** They are refused in the handshake. */
    REQUIRED,
    /** They are served. */
    OPTIONAL
}

package io.penstock.transport.tls;

/** Who does the arithmetic of TLS. */
public enum TlsLibrary {
    /** BoringSSL, where it runs. */
    BORINGSSL,
    /** The Java platform: no tickets that last, no post-quantum key exchange, slower. */
    JDK
}

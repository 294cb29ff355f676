package io.penstock.spi;

import io.penstock.config.CertificateFacts;
import org.jspecify.annotations.Nullable;

/** Where a request came from. */
public interface ClientView {
    /** The client's address as text, behind trusted peers the one they tell. */
    String address();

    /** The same in 16 bytes, IPv4 as {@code ::ffff:a.b.c.d}; good while the hook runs, and not to be written to. */
    byte[] addressBytes();

    /** The peer's port. */
    int port();

    /** Name of the listener. */
    String listener();

    /** Whether the connection is encrypted. */
    boolean isSecure();

    /** What the certificate says that the client showed and that is believed; null for none. */
    default @Nullable CertificateFacts certificate() {
        return null;
    }
}

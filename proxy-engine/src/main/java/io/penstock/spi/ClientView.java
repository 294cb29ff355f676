package io.penstock.spi;

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
}

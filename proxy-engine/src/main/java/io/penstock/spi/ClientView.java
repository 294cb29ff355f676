package io.penstock.spi;

/** Where a request came from. */
public interface ClientView {
    /** The client's address as text, behind trusted peers the one they tell. */
    String address();

    /** The peer's port. */
    int port();

    /** Name of the listener. */
    String listener();

    /** Whether the connection is encrypted. */
    boolean isSecure();
}

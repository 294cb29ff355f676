package io.penstock.transport;

/** The wanted transport does not work on this machine; the message says which and why. */
public final class TransportRefused extends Exception {
    private static final long serialVersionUID = 1;

    TransportRefused(String message, Throwable cause) {
        super(message, cause);
    }

    TransportRefused(String message) {
        super(message);
    }
}

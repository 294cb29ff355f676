package io.penstock.transport;

/** An address cannot be listened on; the message says which, why, and what to do. */
public final class BindRefused extends Exception {
    private static final long serialVersionUID = 1;

    BindRefused(String message, Throwable cause) {
        super(message, cause);
    }

    BindRefused(String message) {
        super(message);
    }
}

package io.penstock.admin.secret;

/** The secrets cannot be read as things are, so that nothing should start; the message says the way out. */
public final class VaultRefused extends Exception {

    private static final long serialVersionUID = 1L;

    VaultRefused(String message) {
        super(message);
    }

    VaultRefused(String message, Throwable cause) {
        super(message, cause);
    }
}

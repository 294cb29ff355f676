package io.penstock.admin;

/** The admin API or the status pages cannot listen as told; the message says why and what to do. */
public final class AdminRefused extends Exception {
    private static final long serialVersionUID = 1L;

    public AdminRefused(String message) {
        super(message);
    }

    public AdminRefused(String message, Throwable cause) {
        super(message, cause);
    }
}

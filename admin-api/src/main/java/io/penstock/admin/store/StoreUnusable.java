package io.penstock.admin.store;

/**
 * There was a configuration and none of its copies can be read. Starting empty would open or close doors nobody asked
 * for, so the process must not start.
 */
public final class StoreUnusable extends Exception {

    private static final long serialVersionUID = 1L;

    public StoreUnusable(String message) {
        super(message);
    }

    public StoreUnusable(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.penstock.plugin.kv;

/** An operation is not done: no room, or a value that does not fit it. What the store held it holds still. */
final class StoreRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    StoreRefusedException(String message) {
        super(message);
    }

    StoreRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}

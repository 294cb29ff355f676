package io.penstock.admin.store;

/** The data folder cannot be used: held by another process, or not writable. The message says which and the way out. */
public final class DataFolderRefused extends Exception {

    private static final long serialVersionUID = 1L;

    public DataFolderRefused(String message) {
        super(message);
    }

    public DataFolderRefused(String message, Throwable cause) {
        super(message, cause);
    }
}

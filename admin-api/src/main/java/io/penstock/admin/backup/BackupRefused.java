package io.penstock.admin.backup;

/** A backup cannot be read, or not be laid in a folder; nothing of the folder has changed then. The message has the way out. */
public final class BackupRefused extends Exception {
    private static final long serialVersionUID = 1L;

    public BackupRefused(String message) {
        super(message);
    }

    public BackupRefused(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.penstock.admin.store;

/**
 * Why the store could not do what was asked: what, where, and the way out.
 *
 * @param what what failed, e.g. {@code the disk is full}
 * @param where the file or folder
 * @param wayOut what the operator can do
 */
public record StoreProblem(Kind kind, String what, String where, String wayOut) {

    /** The kinds that callers may tell apart; the text is the same for all. */
    public enum Kind {
        /** No room: the disk, a quota, or the store's own bound of pages. */
        DISK_FULL,
        /** The file or the file system refuses writing. */
        READ_ONLY,
        /** The device or the file system answered with an error. */
        IO_ERROR,
        /** The file is not, or no longer, a sound store. */
        CORRUPT,
        /** Someone else holds the file, or too many calls wait already. */
        BUSY,
        /** The store was closed. */
        CLOSED,
        /** Anything else that the database refused; the text says what. */
        OTHER
    }

    /** One sentence for people. */
    public String text() {
        return where + ": " + what + ". " + wayOut;
    }

    @Override
    public String toString() {
        return text();
    }
}

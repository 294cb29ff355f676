package io.penstock.coding;

/** A coded body cannot be decoded: it is broken, or it grows beyond what is allowed. */
public final class CodingException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean isRatio;

    /** Says what is wrong with the body. */
    public CodingException(String message) {
        this(message, false);
    }

    private CodingException(String message, boolean isRatio) {
        // Told to a client, not to a developer: no stack.
        super(message, null, false, false);
        this.isRatio = isRatio;
    }

    static CodingException ofRatio(String message) {
        return new CodingException(message, true);
    }

    /** Whether the body is refused for how much it grows, and not for being broken. */
    public boolean isRatio() {
        return isRatio;
    }
}

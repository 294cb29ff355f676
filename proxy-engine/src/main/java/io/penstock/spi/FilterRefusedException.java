package io.penstock.spi;

/** A filter's config cannot run; the message says what, where, found, wanted and the way out. */
public final class FilterRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String pointer;

    /**
     * A refusal.
     *
     * @param pointer JSON pointer inside the filter's config, empty for the whole of it
     */
    public FilterRefusedException(String pointer, String message) {
        super(message);
        this.pointer = pointer;
    }

    /** JSON pointer inside the filter's config. */
    public String pointer() {
        return pointer;
    }
}

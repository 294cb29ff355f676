package io.penstock.appliance;

/** The gateway does not start. The message says what stands against it and the way out. */
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of thing stands against it. */
    public enum Kind {
        /** Another process holds the data folder. */
        FOLDER_IN_USE,
        /** Someone serves an address already that was to be served. */
        ADDRESS_IN_USE,
        /** Anything else. */
        OTHER
    }

    private final Kind kind;

    StartFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    StartFailure(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}

package io.penstock.appliance.command;

/** What the process says by its exit status. Documented in the help of {@code penstock}. */
public final class ExitCode {
    /** Done. */
    public static final int OK = 0;
    /** Refused or failed: nothing was changed, or the message says what was. */
    public static final int FAILED = 1;
    /** The command line was not understood. */
    public static final int USAGE = 2;
    /** Another process holds the data folder. */
    public static final int FOLDER_IN_USE = 3;
    /** Someone serves an address already that was to be served. */
    public static final int ADDRESS_IN_USE = 4;
    /** The admin API did not answer. */
    public static final int UNREACHABLE = 5;
    /** The admin API did not accept the token. */
    public static final int NOT_ALLOWED = 6;
    /** A rehearsal has found something that would be other than it is. */
    public static final int DIFFERENT = 7;
    /** A rehearsal has found that the configuration would not be served. */
    public static final int NOT_SERVED = 8;

    private ExitCode() {}
}

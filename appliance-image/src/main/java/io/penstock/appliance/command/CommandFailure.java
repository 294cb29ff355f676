package io.penstock.appliance.command;

/** Ends a command with a message for people and an exit status. */
public class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /** A failure that is told by its message alone; a stack trace would say nothing to who typed the command. */
    public CommandFailure(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /** One of {@link ExitCode}. */
    public int exitCode() {
        return exitCode;
    }

    /** The message, never absent. */
    public String text() {
        return String.valueOf(getMessage());
    }
}

package io.penstock.plugin.js;

/** A module is no plugin; the message says why and what to do. */
public final class ScriptRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** A refusal. */
    public ScriptRefusedException(String message) {
        super(message);
    }
}

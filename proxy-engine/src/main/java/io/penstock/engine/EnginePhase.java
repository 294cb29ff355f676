package io.penstock.engine;

/** Where an engine stands in its life. */
public enum EnginePhase {
    /** No revision serves yet. */
    STARTING,
    /** Every worker serves a revision. */
    SERVING,
    /** Nothing new is accepted; what runs is answered. */
    DRAINING,
    /** Over. */
    STOPPED;

    /** The word for status pages, lower case. */
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}

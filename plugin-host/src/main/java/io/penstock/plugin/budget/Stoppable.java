package io.penstock.plugin.budget;

/** A script that can be stopped from outside, for good. */
public interface Stoppable {
    /** Stops it, and returns when it has stopped; may take long. Any thread but the script's. */
    void stop();
}

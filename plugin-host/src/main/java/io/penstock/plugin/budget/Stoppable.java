package io.penstock.plugin.budget;

/** A script that is watched from outside, and can be stopped for good. */
public interface Stoppable {
    /** Stops it, and returns when it has stopped; may take long. Any thread but the script's. */
    void stop();

    /** Notes bytes that it has allocated, about: a sample of its entries. Its thread only. */
    default void allocated(long bytes) {}
}

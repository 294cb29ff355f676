package io.penstock.config;

/** Who of those that wait goes first among equals. */
public enum QueueOrder implements Choice {
    /** The oldest; the newest while the queue does not empty. */
    ADAPTIVE,
    /** The oldest, always. */
    FIFO
}

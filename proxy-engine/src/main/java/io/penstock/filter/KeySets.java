package io.penstock.filter;

import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;

/** Reads the key sets of issuers, beside the workers. Any thread may ask. */
public interface KeySets {
    /**
     * Asks for the set at an address. The answer is given on another thread, always, and perhaps from memory.
     *
     * @param ttl a set that was read longer ago is read again
     * @param isMissing whether a key was missing in what the asker has: then it is read again sooner, but not at once again
     * @param heard takes the text of the set, the old one if it cannot be read now; empty if there is none
     */
    void ask(URI address, Duration ttl, boolean isMissing, Consumer<String> heard);
}

package io.penstock.plugin.kv;

import org.jspecify.annotations.Nullable;

/**
 * What can be asked of a store. Values are JSON text; a time to live of 0 is for ever, and counts in milliseconds of the
 * time of day, so that it goes on while the gateway does not run.
 */
public sealed interface Operation {
    /** A word of the manifest's {@code permissions.kv}. */
    String namespace();

    /** Reads a value; answers null if there is none. */
    record Get(String namespace, String key) implements Operation {}

    /** Writes a value; answers {@code true}. */
    record Put(String namespace, String key, String value, long ttlMs) implements Operation {}

    /** Removes a value; answers whether there was one. */
    record Delete(String namespace, String key) implements Operation {}

    /**
     * Adds to a whole number, which is 0 where there is none, and answers the sum. The time to live is the new entry's; an
     * entry that is there keeps its own, so that a count ends when it was to end.
     */
    record Incr(String namespace, String key, long by, long ttlMs) implements Operation {}

    /**
     * Writes a value if the present one is as expected, and answers whether it was.
     *
     * @param expected JSON text, compared as text; null for a key that is not there
     */
    record Cas(String namespace, String key, @Nullable String expected, String value, long ttlMs)
            implements Operation {}

    /**
     * Lists keys in the order of their UTF-8 octets; answers {@code {"keys": [...]}}, with {@code "cursor"} if there are
     * more. What changes meanwhile may be in the list or not.
     *
     * @param prefix what the keys begin with
     * @param after the cursor of the list before; empty for the first
     * @param limit at most so many, 1 to {@link #LIST_MAX}
     */
    record List(String namespace, String prefix, String after, int limit) implements Operation {}

    /** Keys of one list. */
    int LIST_MAX = 1_000;
}

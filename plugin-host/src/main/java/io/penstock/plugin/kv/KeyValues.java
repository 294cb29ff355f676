package io.penstock.plugin.kv;

import org.jspecify.annotations.Nullable;

/**
 * The store of one plugin, shared by all workers. Values are JSON text. Every method may be called on a worker: none
 * blocks, and what takes time is answered later, on whatever thread did it.
 */
public interface KeyValues {
    /** What the worker remembers of a key, at most a second old; null if it remembers nothing. */
    @Nullable
    String peek(String namespace, String key);

    /** Does one operation. */
    void ask(Operation operation, Answer answer);

    /** What can be asked. */
    enum Kind {
        /** Reads a value. */
        GET,
        /** Writes a value. */
        PUT,
        /** Removes a value; answers {@code true} if there was one. */
        DELETE,
        /** Adds a whole number; answers the sum. */
        INCR,
        /** Writes a value if the present one is as expected; answers {@code true} or {@code false}. */
        CAS
    }

    /**
     * One operation.
     *
     * @param kind what to do
     * @param namespace one the plugin may use
     * @param key at most 512 bytes of UTF-8
     * @param value JSON text to write; the summand of {@link Kind#INCR}; empty where none is needed
     * @param expected JSON text that {@link Kind#CAS} wants to find; null for nothing
     * @param ttlMs how long a written value lives; 0 for ever
     */
    record Operation(
            Kind kind,
            String namespace,
            String key,
            String value,
            @Nullable String expected,
            long ttlMs) {}

    /** Hears what came of an operation, once, on any thread. */
    interface Answer {
        /** It is done; null is the value of a key that is not there. */
        void done(@Nullable String value);

        /** It is not done: the quota is used up, the value is too long, the store is closed. */
        void refused(String why);
    }
}

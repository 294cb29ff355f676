package io.penstock.plugin.kv;

import org.jspecify.annotations.Nullable;

/**
 * The store of one plugin, the same for all workers and all versions of the plugin. Values are JSON text. Any thread may
 * ask: nothing here blocks, and the answer comes later, on whatever thread found it.
 */
public interface KeyValues {
    /** Does one operation. The answer comes exactly once, perhaps inside this call. */
    void ask(Operation operation, Answer answer);

    /** Hears what came of an operation. */
    interface Answer {
        /** It is done. JSON text, as the operation says; null is the value of a key that is not there. */
        void done(@Nullable String value);

        /** It is not done, and nothing changed: the quota is used up, the value is too long, the store is not open. */
        void refused(String why);
    }
}

package io.penstock.plugin.bridge;

import io.penstock.plugin.kv.WorkerStore;
import io.penstock.spi.FilterWorker.Scheduled;
import io.penstock.spi.Outbound;
import org.jspecify.annotations.Nullable;

/** What the objects that a script sees need of the one who runs it. Called inside the script, on its thread. */
public interface ScriptHost {
    /** Writes a line to the plugin's log. */
    void log(String level, String requestId, String text);

    /** Counts something under a name of the script's choosing. */
    void count(String name, double by);

    /** The time in nanoseconds, monotonic. */
    long nowNs();

    /** Milliseconds since 1970 by a clock that is not the day's; NaN where scripts read that of the day. */
    double ownEpochMs();

    /**
     * Runs a piece of script later, as an entry of its own; not if its owner has used up its budget by then.
     *
     * @param owner the call whose lines and requests are made in it, if there is one
     */
    Scheduled schedule(long delayNs, @Nullable ScriptCall owner, Runnable script);

    /**
     * Runs a piece of script as an entry of its own, soon, on the script's thread; not if its owner is abandoned by then.
     * Called on that thread.
     */
    void soon(@Nullable ScriptCall owner, Runnable script);

    /** As {@link #soon}, from any thread. */
    void post(@Nullable ScriptCall owner, Runnable script);

    /** Runs work that is no script beside the worker. */
    void offload(Runnable work);

    /** Requests of the plugin's own; null while it is set up, where none can be sent. */
    @Nullable
    Outbound outbound();

    /** What its plugin may do. */
    ScriptGrants grants();

    /** The store; null if this gateway has none or the plugin has no namespace in it. */
    @Nullable
    WorkerStore store();

    /** A call whose promise came to its end. Nothing may be resumed before the script has been left. */
    void settled(ScriptCall call);
}

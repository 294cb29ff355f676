package io.penstock.plugin;

import java.util.function.LongSupplier;

/**
 * The clock that scripts read. Budgets never do: what a script costs is real.
 *
 * @param nowNs in nanoseconds, monotonic
 * @param epochMs in milliseconds since 1970
 * @param isMoved whether somebody else moves it, so that dates too have to be read from it
 */
record ScriptClock(LongSupplier nowNs, LongSupplier epochMs, boolean isMoved) {
    /** The machine's. */
    static final ScriptClock SYSTEM = new ScriptClock(System::nanoTime, System::currentTimeMillis, false);
}

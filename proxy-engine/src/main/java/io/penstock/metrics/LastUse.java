package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.Optional;

/**
 * When something was last used, to the minute. Every worker may tell; whoever asks sees what was told a moment ago.
 *
 * <p>A look costs each use one read of a word that all cores share, and one write in a minute: two workers that write at the
 * same time write the same minute, or two that follow one another, and either is near enough. No order is needed with anything
 * else.
 */
@SharedByWorkers
public final class LastUse {
    private static final int MINUTE_MS = 60_000;
    private static final VarHandle MINUTE;

    static {
        try {
            MINUTE = MethodHandles.lookup().findVarHandle(LastUse.class, "minute", int.class);
        } catch (ReflectiveOperationException absent) {
            throw new ExceptionInInitializerError(absent);
        }
    }

    // Minutes since 1970, 0 before the first use.
    @SuppressWarnings("unused") // by MINUTE
    private int minute;

    /** Something not used yet. */
    public LastUse() {}

    /** It is used now. Any thread; allocates nothing. */
    public void tell(long epochMs) {
        int now = (int) (epochMs / MINUTE_MS);
        if ((int) MINUTE.getOpaque(this) < now) {
            MINUTE.setOpaque(this, now);
        }
    }

    /** When it was; empty if not since the process began. Any thread. */
    public Optional<Instant> minute() {
        int last = (int) MINUTE.getOpaque(this);
        return last == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli((long) last * MINUTE_MS));
    }
}

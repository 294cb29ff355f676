package io.penstock.limit;

import io.penstock.config.CalendarUnit;
import io.penstock.mark.SharedByWorkers;

/** A quota compiled for {@link QuotaTable}. Immutable but for its window, which the control thread moves on. */
@SharedByWorkers
public final class QuotaPlan {
    private final long requests;
    private final QuotaWindow window;
    private final long salt;

    /** So many requests in each window. */
    public QuotaPlan(long requests, QuotaWindow window) {
        this.requests = requests;
        this.window = window;
        this.salt = KeyHash.ofName(window.unit().text() + "/" + window.zone().getId());
    }

    /** How many requests may pass in a window. */
    public long requests() {
        return requests;
    }

    /** The window. */
    public QuotaWindow window() {
        return window;
    }

    /** The window's unit. */
    public CalendarUnit unit() {
        return window.unit();
    }

    /** Tells this window's keys from those of others. */
    long salt() {
        return salt;
    }
}

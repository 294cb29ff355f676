package io.penstock.plugin.budget;

import io.penstock.mark.SharedByWorkers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts the strikes of one version: so many within a window, and it is not called any more until somebody releases it.
 * A strike is a script that had to be stopped; what a hook throws is a fault, not a strike, since a client's input may
 * cause it.
 */
@SharedByWorkers
public final class Quarantine {
    private final int strikesMax;
    private final long windowNs;
    private final Deque<Long> strikes = new ArrayDeque<>();
    private volatile boolean isClosed;
    private volatile @Nullable State state;

    /**
     * A quarantine under way.
     *
     * @param sinceMs when it began, in milliseconds since 1970
     * @param reason the strike that began it
     */
    public record State(long sinceMs, String reason) {}

    /** Makes one that lets pass. */
    public Quarantine(int strikesMax, long windowNs) {
        this.strikesMax = strikesMax;
        this.windowNs = windowNs;
    }

    /** Whether the version is kept from being called. */
    public boolean isActive() {
        return isClosed;
    }

    /** What is known of a quarantine under way. */
    public Optional<State> state() {
        return Optional.ofNullable(state);
    }

    /**
     * Counts a strike; whether the quarantine began with it. Any thread.
     *
     * @param nowMs the time of day, for people
     * @param reason what the script did
     */
    public synchronized boolean strike(long nowNs, long nowMs, String reason) {
        forgetOld(nowNs);
        strikes.addLast(nowNs);
        if (isClosed || strikes.size() < strikesMax) {
            return false;
        }
        state = new State(nowMs, reason);
        isClosed = true;
        return true;
    }

    /** How many strikes the present window holds. */
    public synchronized int strikes(long nowNs) {
        forgetOld(nowNs);
        return strikes.size();
    }

    /** Ends it and forgets the strikes; whether there was one. */
    public synchronized boolean release() {
        boolean was = isClosed;
        isClosed = false;
        state = null;
        strikes.clear();
        return was;
    }

    private void forgetOld(long nowNs) {
        while (!strikes.isEmpty() && nowNs - strikes.getFirst() > windowNs) {
            strikes.removeFirst();
        }
    }
}

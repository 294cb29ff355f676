package io.penstock.http2;

import io.penstock.mark.WorkerConfined;

/**
 * What a connection may ask of us without getting anything done: streams begun and reset, control frames, empty frames.
 * Points are spent on these, come back with time, and are earned by work that was wanted, so that a connection on which
 * requests are answered and bodies move never comes near the end, and one that only costs does in the first second.
 */
@WorkerConfined
public final class PeerBudget {
    /** What it begins with and never exceeds. */
    static final int POINTS_MAX = 1000;

    private static final int POINTS_PER_SECOND = 50;
    private static final long NS_PER_POINT = 1_000_000_000L / POINTS_PER_SECOND;

    /** What each thing costs. */
    public static final int RESET = 4;

    public static final int REFUSED_STREAM = 4;
    public static final int STREAM_ERROR = 10;
    public static final int SETTINGS = 10;
    public static final int PING = 2;
    public static final int PRIORITY = 1;
    public static final int WINDOW_UPDATE = 1;
    public static final int EMPTY_FRAME = 10;
    public static final int UNKNOWN_FRAME = 1;
    public static final int LATE_FRAME = 1;

    /** What is earned by a request that was answered, and by a frame of a body either way. */
    public static final int ANSWERED = 4;

    public static final int BODY_FRAME = 4;

    private int points = POINTS_MAX;
    private long refilledNs;

    /** A full budget. */
    public PeerBudget(long nowNs) {
        refilledNs = nowNs;
    }

    /** Spends. @return whether there was enough */
    public boolean trySpend(int cost, long nowNs) {
        long due = (nowNs - refilledNs) / NS_PER_POINT;
        if (due > 0) {
            points = (int) Math.min(POINTS_MAX, points + due);
            refilledNs += due * NS_PER_POINT;
        }
        points -= cost;
        return points >= 0;
    }

    public void earn(int gain) {
        points = Math.min(POINTS_MAX, points + gain);
    }
}

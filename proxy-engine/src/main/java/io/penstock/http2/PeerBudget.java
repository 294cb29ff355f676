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

    /** What is earned by a request that was answered. */
    public static final int ANSWERED = 4;

    /** What is earned by body that was sent, and by each so many bytes of it that somebody took. */
    private static final int BODY = 4;

    private static final int BODY_BYTES = 16 * 1024;

    /** What a reset costs at most besides {@link #RESET}: an upload given up may be as long as it likes. */
    private static final int FORFEIT_MAX = 16;

    /** Who reads little at a time says so often: for each so many bytes, of the stream and of the connection. */
    private static final int UPDATE_BYTES = 2048;

    static final int UPDATES_MAX = 64 * 1024;

    private int points = POINTS_MAX;
    private int updatesDue;
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

    /** So many bytes of a body have left: for what the peer takes of them it may open windows. */
    public void bodySent(int bytes) {
        updatesDue = Math.min(UPDATES_MAX, updatesDue + 2 * (1 + bytes / UPDATE_BYTES));
        earn(BODY);
    }

    /** The peer opens a window, which costs where no body accounts for it. @return whether there was enough */
    public boolean tryUpdate(long nowNs) {
        if (updatesDue > 0) {
            updatesDue--;
            return true;
        }
        return trySpend(WINDOW_UPDATE, nowNs);
    }

    /** Of the peer's body on one stream somebody took so many bytes more than before. */
    public void bodyTaken(long before, int bytes) {
        earn((int) ((before + bytes) / BODY_BYTES - before / BODY_BYTES) * BODY);
    }

    /** What the reset of a stream costs of whose body so many bytes were taken: what it has earned is lost with it. */
    public static int reset(long taken) {
        return RESET + (int) Math.min(FORFEIT_MAX, taken / BODY_BYTES * BODY);
    }
}

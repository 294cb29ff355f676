package io.penstock.upstream;

import io.penstock.http2.ErrorCode;
import io.penstock.http2.PeerBudget;
import io.penstock.http2.PeerSettings;
import io.penstock.http2.ReceiveWindow;
import io.penstock.mark.WorkerConfined;

/**
 * What the endpoint of one HTTP/2 connection may send on all streams together before any of it was taken (RFC 9113 section
 * 5.2), and what it may ask of us without getting anything done ({@link PeerBudget}). Who oversteps the budget loses the
 * connection and all streams on it; who oversteps the window is told by {@link #announce}, whose caller ends it.
 */
@WorkerConfined
final class Http2UpstreamAllowance {
    /** What an endpoint may send on one stream before any of it was taken. */
    static final int STREAM_WINDOW_BYTES = PeerSettings.WINDOW_BYTES;

    /** As much as all streams may have at once: no client that reads slowly holds up the answers of others. */
    static final int WINDOW_BYTES = Http2UpstreamStreams.MAX * (STREAM_WINDOW_BYTES + 1);

    private final Http2UpstreamConnection connection;
    private final ReceiveWindow window = new ReceiveWindow(WINDOW_BYTES, WINDOW_BYTES / 4);
    private final PeerBudget budget;

    /** @param nowNs reading of the worker's clock, in nanoseconds: from here on the budget fills up */
    Http2UpstreamAllowance(Http2UpstreamConnection connection, long nowNs) {
        this.connection = connection;
        this.budget = new PeerBudget(nowNs);
    }

    /** The budget, for what goes to the endpoint and gives it a right to open windows. */
    PeerBudget budget() {
        return budget;
    }

    // ---- the budget ----

    /** Spends. @return whether there was enough; if not, the connection ends: return at once */
    boolean spend(int points) {
        return budget.trySpend(points, connection.nowNs()) || exhausted();
    }

    /** A window opens. @return whether it may, so often; if not, the connection ends: return at once */
    boolean spendUpdate() {
        return budget.tryUpdate(connection.nowNs()) || exhausted();
    }

    private boolean exhausted() {
        connection.error(ErrorCode.ENHANCE_YOUR_CALM);
        return false;
    }

    /** The endpoint resets a stream that has ended: who does that all the time is given no more, and may finish. */
    void wasResetLate() {
        if (!budget.trySpend(PeerBudget.RESET, connection.nowNs())) {
            connection.retire();
        }
    }

    void earn(int points) {
        budget.earn(points);
    }

    // ---- the window ----

    /** A frame of so many bytes of body begins. @return whether the window has room for it */
    boolean announce(int bytes) {
        return window.announce(bytes);
    }

    /** An exchange takes so many bytes more of a body than it has. */
    void bodyTaken(long before, int bytes) {
        budget.bodyTaken(before, bytes);
        taken(bytes);
    }

    /** Body was taken, of whatever stream: the endpoint may send as much again. */
    void taken(int bytes) {
        int opened = window.take(bytes);
        if (opened > 0 && connection.isReading()) {
            connection.sender().windowUpdate(0, opened);
        }
    }
}

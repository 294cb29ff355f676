package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connections of one worker to one endpoint. A request goes to the oldest that has room for one more stream, so
 * that as few are used as the streams need and the others become idle. The bound is the upstream's connection permit.
 */
@WorkerConfined
final class Http2Connections {
    private final List<Http2UpstreamConnection> all = new ArrayList<>(1);

    void add(Http2UpstreamConnection connection) {
        all.add(connection);
    }

    void remove(Http2UpstreamConnection connection) {
        all.remove(connection);
    }

    /** Whether one is being made, which those that wait may use when it is there. */
    boolean isConnecting() {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isConnecting()) {
                return true;
            }
        }
        return false;
    }

    // One that has room for a stream; null if there is none. On the request path, so no Optional.
    @Nullable
    Http2UpstreamConnection tryTake(long nowNs, boolean needsFresh) {
        for (int i = 0; i < all.size(); i++) {
            Http2UpstreamConnection connection = all.get(i);
            if (connection.takesStreams(nowNs) && !(needsFresh && connection.wasIdle())) {
                return connection;
            }
        }
        return null;
    }

    /** Closes connections without streams. @return how many */
    int closeIdle(long count) {
        int closed = 0;
        for (int i = all.size() - 1; i >= 0 && closed < count; i--) {
            if (all.get(i).isIdle()) {
                all.get(i).retire();
                closed++;
            }
        }
        return closed;
    }

    /** Takes no further streams on any: those without close now, the others when theirs have ended. */
    void retireAll() {
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).retire();
        }
    }
}

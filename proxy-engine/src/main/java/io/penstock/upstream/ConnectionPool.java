package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one worker to one endpoint. The one used last is taken first: its window is open and its path
 * through the caches is warm, and what is not needed ages at the other end until it is closed. Links lie in the
 * connections, so that one that the peer closed leaves from the middle at no cost. Its bound is the upstream's
 * connection permit.
 */
@WorkerConfined
final class ConnectionPool {
    private @Nullable Http1UpstreamConnection newest;
    private @Nullable Http1UpstreamConnection oldest;
    private int size;

    int size() {
        return size;
    }

    void add(Http1UpstreamConnection connection) {
        Http1UpstreamConnection next = newest;
        connection.idleNewer = null;
        connection.idleOlder = next;
        if (next == null) {
            oldest = connection;
        } else {
            next.idleNewer = connection;
        }
        newest = connection;
        size++;
    }

    void remove(Http1UpstreamConnection connection) {
        Http1UpstreamConnection newer = connection.idleNewer;
        Http1UpstreamConnection older = connection.idleOlder;
        if (newer == null) {
            newest = older;
        } else {
            newer.idleOlder = older;
        }
        if (older == null) {
            oldest = newer;
        } else {
            older.idleNewer = newer;
        }
        connection.idleNewer = null;
        connection.idleOlder = null;
        size--;
    }

    // The newest connection that may still be used, taken out of the pool; null if there is none. On the request path,
    // so a null instead of an Optional. What has expired is closed on the way: its timer is coarse.
    @Nullable
    Http1UpstreamConnection tryTake(long nowNs) {
        Http1UpstreamConnection connection = newest;
        while (connection != null) {
            if (connection.isUsableAt(nowNs)) {
                remove(connection);
                return connection;
            }
            connection.closeIdle();
            connection = newest;
        }
        return null;
    }

    /** Closes the connections used longest ago. */
    int closeOldest(long count) {
        int closed = 0;
        for (Http1UpstreamConnection last = oldest; last != null && closed < count; last = oldest) {
            last.closeIdle();
            closed++;
        }
        return closed;
    }

    void closeAll() {
        closeOldest(size);
    }
}

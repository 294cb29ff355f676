package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** The streams of one connection: those that are open, and how those ended that were open lately (RFC 9113 section 5.1). */
@WorkerConfined
final class Http2Streams {
    /** How many a client may have open at a time. */
    static final int OPEN_MAX = 128;

    private static final int REMEMBERED = 128;

    private final Int2ObjectHashMap<Http2Stream> open = new Int2ObjectHashMap<>();
    // A ring of the streams that ended last; negative for those that were reset by us, whose client may not know yet.
    private int[] ended = {};
    private int endedCount;
    private int lastId;

    @Nullable
    Http2Stream get(int id) {
        return open.get(id);
    }

    int count() {
        return open.size();
    }

    Iterable<Http2Stream> all() {
        return open.values();
    }

    /** Any that is open; there is one. */
    Http2Stream any() {
        return open.values().iterator().next();
    }

    /** Ends those that are tunnels. */
    void endTunnels(Reason why) {
        // Each that ends is taken out.
        for (Http2Stream stream : open.values().toArray(new Http2Stream[0])) {
            stream.endTunnel(why);
        }
    }

    /** The highest id that was ever used. */
    int lastId() {
        return lastId;
    }

    /** An id is used, whether the stream is served or not. */
    void used(int id) {
        lastId = id;
    }

    void add(Http2Stream stream) {
        open.put(stream.id(), stream);
    }

    /** A stream has ended. */
    void ended(int id, boolean isResetByUs) {
        open.remove(id);
        if (ended.length == 0) {
            ended = new int[REMEMBERED];
        }
        ended[endedCount++ % REMEMBERED] = isResetByUs ? -id : id;
        if (endedCount < 0) {
            endedCount = 0;
        }
    }

    /** Whether no stream of that id was begun yet. */
    boolean isIdle(int id) {
        return id > lastId || (id & 1) == 0;
    }

    /** Whether we reset it lately: what comes for it was sent before the client knew, and is ignored. */
    boolean wasResetByUs(int id) {
        return isRemembered(-id);
    }

    /** Whether it ended lately in another way. */
    boolean wasEnded(int id) {
        return isRemembered(id);
    }

    /** Whether so many have ended that it may be one of them that is remembered no more. */
    boolean mayBeForgotten() {
        return ended.length > 0 && ended[REMEMBERED - 1] != 0;
    }

    private boolean isRemembered(int wanted) {
        for (int one : ended) {
            if (one == wanted) {
                return true;
            }
        }
        return false;
    }
}

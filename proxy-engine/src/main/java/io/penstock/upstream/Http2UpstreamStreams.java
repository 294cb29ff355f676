package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** The streams of one connection to an endpoint: those that have a number, those that wait to get one, and spare ones. */
@WorkerConfined
final class Http2UpstreamStreams {
    /** At once, whatever more the endpoint allows. */
    static final int MAX = 128;

    /** What a connection without streams keeps for those to come; there may be many such connections. */
    private static final int IDLE_MAX = 32;

    private static final int LAST_ID_MAX = Integer.MAX_VALUE - 2;

    private final Int2ObjectHashMap<Http2UpstreamStream> byId = new Int2ObjectHashMap<>();
    private final ArrayDeque<Http2UpstreamStream> spare = new ArrayDeque<>(4);
    private final ArrayDeque<Http2UpstreamStream> awaitingSettings = new ArrayDeque<>(0);
    private int nextId = 1;

    /** One to carry an exchange: a spare one, else a new one. */
    Http2UpstreamStream take(Supplier<Http2UpstreamStream> made) {
        Http2UpstreamStream stream = spare.pollLast();
        return stream == null ? made.get() : stream;
    }

    /** It is not touched by anyone any more. */
    void release(Http2UpstreamStream stream) {
        if (spare.size() < MAX) {
            spare.addLast(stream);
        }
    }

    /** None is carried. */
    void shrink() {
        while (spare.size() > IDLE_MAX) {
            spare.pollLast();
        }
    }

    /** Whether there is a number left for one more. */
    boolean hasNumbers() {
        return nextId < LAST_ID_MAX;
    }

    /** Gives a number. */
    int number(Http2UpstreamStream stream) {
        int id = nextId;
        nextId += 2;
        byId.put(id, stream);
        return id;
    }

    /** Whether no stream of that number was begun. */
    boolean isUnused(int id) {
        return id >= nextId || (id & 1) == 0;
    }

    @Nullable
    Http2UpstreamStream get(int id) {
        return byId.get(id);
    }

    Iterable<Http2UpstreamStream> numbered() {
        return byId.values();
    }

    /** It waits for the endpoint's settings before it gets a number. */
    void awaitSettings(Http2UpstreamStream stream) {
        awaitingSettings.addLast(stream);
    }

    /** Those that wait for settings wait no longer. */
    void settle() {
        for (Http2UpstreamStream stream = awaitingSettings.pollFirst();
                stream != null;
                stream = awaitingSettings.pollFirst()) {
            stream.sendUpgrade();
        }
    }

    /** It has ended. */
    void remove(Http2UpstreamStream stream) {
        awaitingSettings.remove(stream);
        if (stream.id() != 0) {
            byId.remove(stream.id());
        }
    }

    /** Tells each numbered one, in order, though telling changes what there is: for what is rare. */
    void tell(Consumer<Http2UpstreamStream> told) {
        int[] ids = byId.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
        for (int id : ids) {
            Http2UpstreamStream stream = byId.get(id);
            if (stream != null) {
                told.accept(stream);
            }
        }
    }
}

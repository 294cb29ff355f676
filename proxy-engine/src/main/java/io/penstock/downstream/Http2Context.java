package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Http2RequestRules;
import io.penstock.http.Http2TrailerRules;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.HeldChunks;
import java.util.ArrayDeque;

/** What all HTTP/2 connections of a worker use together: idle streams, idle memory, and the rules that a head is read by. */
@WorkerConfined
final class Http2Context {
    /** As many as a burst leaves behind for the next; the rest goes. */
    private static final int IDLE_STREAMS_MAX = 1024;

    private final ArrayDeque<Http2Stream> streams = new ArrayDeque<>();
    private final HeldChunks chunks = new HeldChunks();
    private final Http2RequestRules requestRules = new Http2RequestRules();
    private final Http2TrailerRules trailerRules = new Http2TrailerRules(Reason.BAD_FIELD);
    private final ByteBuilder block = new ByteBuilder(1024);
    private final ByteBuilder unwanted = new ByteBuilder(1024);

    Http2Stream takeStream(DownstreamContext context) {
        Http2Stream stream = streams.pollLast();
        return stream == null ? new Http2Stream(context) : stream;
    }

    void release(Http2Stream stream) {
        if (streams.size() < IDLE_STREAMS_MAX) {
            streams.addLast(stream);
        }
    }

    /** Where bodies wait. */
    HeldChunks chunks() {
        return chunks;
    }

    Http2RequestRules requestRules() {
        return requestRules;
    }

    Http2TrailerRules trailerRules() {
        return trailerRules;
    }

    /** Empty bytes for a header block that came whole; used up before the next call. */
    ByteBuilder block() {
        block.clear();
        return block;
    }

    /** Empty bytes to decode a block into that nobody wants. */
    ByteBuilder unwanted() {
        unwanted.clear();
        return unwanted;
    }
}

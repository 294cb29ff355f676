package io.penstock.upstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Http2RequestFields;
import io.penstock.http.Http2ResponseRules;
import io.penstock.http.Http2TrailerRules;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.HeldChunks;

/** What the HTTP/2 connections of one worker to endpoints use together: within one call, or out of its idle memory. */
@WorkerConfined
final class Http2UpstreamWork {
    private final Http2RequestFields requestFields = new Http2RequestFields();
    private final Http2ResponseRules responseRules = new Http2ResponseRules();
    private final Http2TrailerRules trailerRules = new Http2TrailerRules(Reason.UPSTREAM_PROTOCOL);
    private final ByteBuilder output = new ByteBuilder(4096);
    private final ByteBuilder block = new ByteBuilder(1024);
    private final ByteBuilder unwanted = new ByteBuilder(1024);
    private final HeldChunks chunks = new HeldChunks();

    Http2RequestFields requestFields() {
        return requestFields;
    }

    Http2ResponseRules responseRules() {
        return responseRules;
    }

    Http2TrailerRules trailerRules() {
        return trailerRules;
    }

    /** Empty bytes to compose output in; used up before the next call. */
    ByteBuilder output() {
        output.clear();
        return output;
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

    /** Where bodies wait. */
    HeldChunks chunks() {
        return chunks;
    }
}

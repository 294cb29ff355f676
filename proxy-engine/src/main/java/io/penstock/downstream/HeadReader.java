package io.penstock.downstream;

import io.penstock.http.HeadLimits;
import io.penstock.http.ParseState;
import io.penstock.http.RequestHead;
import io.penstock.http.RequestHeadParser;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Reads the head of a connection's present request, with a parser of the worker's that it holds only while one arrives. */
@WorkerConfined
final class HeadReader {
    private final DownstreamContext context;

    /** Null while no head arrives. */
    private @Nullable RequestHeadParser parser;

    HeadReader(DownstreamContext context) {
        this.context = context;
    }

    void begin(HeadLimits limits) {
        parser = context.takeParser(limits);
    }

    /** Takes bytes in, up to the end of the head. @return how many were taken */
    int feed(DirectBuffer buffer, int offset, int length, RequestHead head) {
        return parser().feed(buffer, offset, length, head);
    }

    ParseState state() {
        return parser().state();
    }

    /** Why the head is refused. */
    Reason reason() {
        return parser().reason();
    }

    /** What was found. */
    String detail() {
        return parser().detail();
    }

    /** The head is complete, refused or of no interest any more. */
    void release() {
        context.releaseParser(parser());
        parser = null;
    }

    private RequestHeadParser parser() {
        RequestHeadParser held = parser;
        if (held == null) {
            throw new IllegalStateException("no head is being read");
        }
        return held;
    }
}

package io.penstock.upstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.HeadWriter;
import io.penstock.http.HttpDate;
import io.penstock.mark.WorkerConfined;

/** What the HTTP/1 connections of one worker write with: used within one call, so one of each serves them all. */
@WorkerConfined
final class Http1Writing {
    private static final int OUTPUT_BYTES = 4096;

    // Requests bear no Date, so this one is never told the time.
    private final HeadWriter heads = new HeadWriter(new HttpDate());
    private final Fields noTrailers = new Fields();
    private final ByteBuilder output = new ByteBuilder(OUTPUT_BYTES);

    Fields noTrailers() {
        return noTrailers;
    }

    HeadWriter heads() {
        return heads;
    }

    /** An empty builder. */
    ByteBuilder output() {
        output.clear();
        return output;
    }
}

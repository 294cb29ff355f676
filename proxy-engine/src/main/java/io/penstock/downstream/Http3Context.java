package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http2.HeaderSink;
import io.penstock.http3.QpackDecoder;
import io.penstock.http3.QpackEncoder;
import io.penstock.mark.WorkerConfined;

/** What all HTTP/3 connections of a worker use together: sections of fields stand by themselves, so that one coder serves all. */
@WorkerConfined
final class Http3Context {
    private final QpackDecoder decoder = new QpackDecoder();
    private final QpackEncoder encoder = new QpackEncoder();
    private final HeaderSink requestSink;
    private final HeaderSink trailerSink;
    private final ByteBuilder section = new ByteBuilder(1024);

    Http3Context(Http2Context rules) {
        requestSink = rules.requestRules()::field;
        trailerSink = rules.trailerRules()::field;
    }

    /** Takes the fields of a request's head, by the rules of HTTP/2. */
    HeaderSink requestSink() {
        return requestSink;
    }

    /** Takes the fields of a request's trailer section. */
    HeaderSink trailerSink() {
        return trailerSink;
    }

    QpackDecoder decoder() {
        return decoder;
    }

    QpackEncoder encoder() {
        return encoder;
    }

    /** Empty bytes for a section of fields; used up before the next call. */
    ByteBuilder section() {
        section.clear();
        return section;
    }
}

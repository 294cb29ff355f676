package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import io.penstock.http.HeadLimits;
import io.penstock.http.Http2Fields;
import io.penstock.http.Http2RequestRules;
import io.penstock.http.HttpDate;
import io.penstock.http.KnownField;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Heads and frames of a connection of HTTP/2 that has carried the like before, so that what is remembered is known. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Http2HeadBenchmark {
    private static final int BODY_BYTES = 1024;

    private final HpackDecoder decoder = new HpackDecoder();
    private final Http2RequestRules rules = new Http2RequestRules();
    private final HeaderSink toRules = rules::field;
    private final RequestHead request = new RequestHead();
    private final HpackEncoder encoder = new HpackEncoder();
    private final ResponseHead response = new ResponseHead();
    private final HttpDate date = new HttpDate();
    private final ByteBuilder out = new ByteBuilder(2048);
    private final FrameReader reader = new FrameReader();
    private byte[] block = {};
    private UnsafeBuffer frames = new UnsafeBuffer(0, 0);

    /** Has both sides remember what they will. */
    @Setup
    public void remember() {
        HpackEncoder client = new HpackEncoder();
        ByteBuilder first = new ByteBuilder(512);
        encodeRequest(client, first);
        ByteBuilder second = new ByteBuilder(512);
        encodeRequest(client, second);
        block = Arrays.copyOf(second.array(), second.length());
        if (!decode(first.array(), first.length()) || !requestHead()) {
            throw new IllegalStateException("the head is refused: " + rules.detail());
        }

        response.start(200, BODY_BYTES);
        response.fields().add("Server", "origin");
        response.fields().add("Content-Type", "application/json");
        response.fields().add("Cache-Control", "no-store");
        response.fields().add("X-Request-Id", "01JD5Z3K7Q8V9W0X1Y2Z3A4B5C");
        encodeResponse();

        ByteBuilder both = new ByteBuilder(2048);
        FrameWriter.header(block.length, FrameType.HEADERS, FrameType.END_HEADERS, 1, both);
        both.append(block);
        FrameWriter.header(BODY_BYTES, FrameType.DATA, FrameType.END_STREAM, 1, both);
        both.append(new byte[BODY_BYTES]);
        frames = new UnsafeBuffer(Arrays.copyOf(both.array(), both.length()));
    }

    private static void encodeRequest(HpackEncoder client, ByteBuilder into) {
        client.begin(into);
        client.scheme(true);
        text(client, "GET", true);
        text(client, "/api/orders/7?full=yes", false);
        field(client, KnownField.HOST, "shop.example");
        field(client, KnownField.USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64)");
        field(client, KnownField.ACCEPT, "application/json, text/plain, */*");
        field(client, KnownField.ACCEPT_ENCODING, "gzip, br");
        field(client, KnownField.COOKIE, "session=4711");
    }

    private static void text(HpackEncoder client, String text, boolean isMethod) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (isMethod) {
            client.method(bytes, 0, bytes.length);
        } else {
            client.target(bytes, 0, bytes.length);
        }
    }

    private static void field(HpackEncoder client, KnownField field, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        client.text(field, bytes, 0, bytes.length);
    }

    private boolean decode(byte[] bytes, int length) {
        rules.begin(request, HeadLimits.DEFAULT);
        boolean isRead = decoder.decode(bytes, 0, length, rules.region(), HeadLimits.DEFAULT.headBytes(), toRules);
        return isRead && rules.finish(false);
    }

    private int encodeResponse() {
        out.clear();
        encoder.begin(out);
        encoder.status(200);
        Http2Fields.response(response, date, encoder);
        return out.length();
    }

    /** Four pseudo-fields and four fields, judged and made into the head that HTTP/1 would have made. */
    @Benchmark
    public boolean requestHead() {
        return decode(block, block.length);
    }

    /** Six fields, four of them remembered. */
    @Benchmark
    public int responseHead() {
        return encodeResponse();
    }

    /** HEADERS and a DATA frame of 1 KiB out of one piece of bytes. */
    @Benchmark
    public int frames() {
        int at = 0;
        while (at < frames.capacity()) {
            at += reader.read(frames, at, frames.capacity() - at);
        }
        return at;
    }
}

package io.penstock.http;

import java.nio.charset.StandardCharsets;
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

/** Writing heads afresh into an output buffer that is reused. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeadWriterBenchmark {
    private final RequestHead request = new RequestHead();
    private final ResponseHead response = new ResponseHead();
    private final HeadWriter writer = new HeadWriter(new HttpDate());
    private final ByteBuilder out = new ByteBuilder(2048);

    /** Reads the heads that are written. */
    @Setup
    public void read() {
        UnsafeBuffer requestBytes = SampleHeads.received(SampleHeads.REQUEST);
        new RequestHeadParser(HeadLimits.DEFAULT).feed(requestBytes, 0, requestBytes.capacity(), request);
        request.forwarding()
                .peer("192.0.2.17".getBytes(StandardCharsets.US_ASCII), 10)
                .requestId("01JD5Z3K7Q8V9W0X1Y2Z3A4B5C".getBytes(StandardCharsets.US_ASCII), 0, RequestId.BYTES);
        UnsafeBuffer responseBytes = SampleHeads.received(SampleHeads.RESPONSE);
        ResponseHeadParser parser = new ResponseHeadParser(HeadLimits.DEFAULT);
        parser.reset(Method.GET, false);
        parser.feed(responseBytes, 0, responseBytes.capacity(), response);
    }

    /** Five fields, and the four made anew. */
    @Benchmark
    public int request() {
        out.clear();
        writer.request(request, out);
        return out.length();
    }

    /** Four fields and the framing. */
    @Benchmark
    public int response() {
        out.clear();
        writer.response(response, Persistence.KEEP, out);
        return out.length();
    }
}

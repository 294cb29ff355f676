package io.penstock.http;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Reading heads that came in one piece. Both parsers run in each fork, as they do in a worker. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RequestHeadParserBenchmark {
    private final UnsafeBuffer requestBytes = SampleHeads.received(SampleHeads.REQUEST);
    private final UnsafeBuffer responseBytes = SampleHeads.received(SampleHeads.RESPONSE);
    private final RequestHeadParser requestParser = new RequestHeadParser(HeadLimits.DEFAULT);
    private final ResponseHeadParser responseParser = new ResponseHeadParser(HeadLimits.DEFAULT);
    private final RequestHead request = new RequestHead();
    private final ResponseHead response = new ResponseHead();

    /** A request with Host and four other fields. */
    @Benchmark
    public int request() {
        requestParser.reset();
        return requestParser.feed(requestBytes, 0, requestBytes.capacity(), request);
    }

    /** A response with five fields. */
    @Benchmark
    public int response() {
        responseParser.reset(Method.GET, false);
        return responseParser.feed(responseBytes, 0, responseBytes.capacity(), response);
    }

    /** One of each, so that the code they share is compiled for both. */
    @Benchmark
    public int requestAndResponse() {
        return request() + response();
    }
}

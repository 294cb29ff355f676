package io.penstock.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Taking the chunks off a body of four of them that came in one piece, and framing such a body anew. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChunkedBodyBenchmark {
    private static final int CHUNKS = 4;

    /** Octets in a chunk. */
    @Param({"16", "4096"})
    public int chunkBytes = 16;

    private final ChunkedDecoder decoder = ChunkedDecoder.ofResponses();
    private final Fields noTrailers = new Fields();
    private final ByteBuilder framing = new ByteBuilder(256);
    private UnsafeBuffer body = new UnsafeBuffer(new byte[0]);

    /** Makes the body, in native memory, as a channel hands it over. */
    @Setup
    public void make() {
        String chunk = Integer.toHexString(chunkBytes) + "\r\n" + "x".repeat(chunkBytes) + "\r\n";
        byte[] bytes = (chunk.repeat(CHUNKS) + "0\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length);
        memory.put(0, bytes);
        body = new UnsafeBuffer(memory);
    }

    /** Finds each run of payload, which stays where it is. */
    @Benchmark
    public long decode() {
        decoder.reset();
        int at = 0;
        while (decoder.state() == ParseState.NEEDS_MORE) {
            at += decoder.next(body, at, body.capacity() - at);
        }
        return decoder.payloadBytes();
    }

    /** The octets around the payload. */
    @Benchmark
    public int frame() {
        framing.clear();
        for (int i = 0; i < CHUNKS; i++) {
            ChunkFraming.begin(chunkBytes, framing);
            ChunkFraming.end(framing);
        }
        ChunkFraming.last(noTrailers, framing);
        return framing.length();
    }
}

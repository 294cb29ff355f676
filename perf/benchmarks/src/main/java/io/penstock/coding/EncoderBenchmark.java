package io.penstock.coding;

import java.nio.charset.StandardCharsets;
import java.util.Random;
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

/** Compressing one JSON body of 64 KiB, from a new encoder to its end: what a response costs with {@code type: compress}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EncoderBenchmark {
    private static final int BYTES = 64 * 1024;

    /** Which coding. */
    @Param({"GZIP", "BROTLI", "ZSTD"})
    public ContentCoding coding = ContentCoding.GZIP;

    /** How hard it tries. */
    @Param({"0", "1", "2"})
    public int effort = ContentCoding.BALANCED;

    private UnsafeBuffer body = new UnsafeBuffer(new byte[0]);
    private int coded;

    /** Makes records that look like an API's. */
    @Setup
    public void make() {
        Random random = new Random(7);
        StringBuilder text = new StringBuilder("[");
        while (text.length() < BYTES) {
            text.append("{\"id\":")
                    .append(random.nextInt(1_000_000))
                    .append(",\"name\":\"customer ")
                    .append(Integer.toString(random.nextInt(), 36))
                    .append("\",\"state\":\"")
                    .append(random.nextBoolean() ? "open" : "closed")
                    .append("\"},");
        }
        body = new UnsafeBuffer(text.substring(0, BYTES).getBytes(StandardCharsets.US_ASCII));
    }

    /** A whole body. @return how many bytes came of it */
    @Benchmark
    public int encode() {
        coded = 0;
        try (Encoder encoder = coding.newEncoder(effort)) {
            encoder.encode(body, 0, body.capacity(), bytes -> coded += bytes.length);
            encoder.finish(bytes -> coded += bytes.length);
        }
        return coded;
    }
}

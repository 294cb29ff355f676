package io.penstock.consumer;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/** From an API key to the number of its credential, among few and among a million; and one key more. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CredentialIndexBenchmark {
    private static final int ASKED = 1024;

    /** How many keys there are. */
    @Param({"1000", "1000000"})
    public int keys;

    private final CredentialDigest digest = new CredentialDigest(new byte[32]);
    private final byte[][] asked = new byte[ASKED][];
    private final Random random = new Random(1);
    private CredentialIndex index = CredentialIndex.empty();
    private int next;

    @Setup
    public void fill() {
        CredentialIndex.Edit edit = CredentialIndex.empty().edit();
        for (int i = 0; i < keys; i++) {
            byte[] key = ("pck_" + i + "_0123456789abcdefghijklmnopqrstuvwxyz").getBytes(StandardCharsets.US_ASCII);
            if (i % (keys / ASKED + 1) == 0) {
                asked[next++ % ASKED] = key;
            }
            digest.digest(DigestKind.API_KEY, key, 0, key.length);
            edit.put(digest.high(), digest.low(), i);
        }
        index = edit.done();
        for (int i = 0; i < ASKED; i++) {
            asked[i] = asked[i] == null ? asked[0] : asked[i];
        }
    }

    @Benchmark
    public int digestAndFind() {
        byte[] key = asked[next++ & (ASKED - 1)];
        digest.digest(DigestKind.API_KEY, key, 0, key.length);
        return index.find(digest.high(), digest.low());
    }

    @Benchmark
    public int findNobody() {
        return index.find(next++ * 0x9e3779b97f4a7c15L, next);
    }

    @Benchmark
    public CredentialIndex oneMore() {
        CredentialIndex.Edit edit = index.edit();
        edit.put(random.nextLong(), random.nextLong(), 7);
        return edit.done();
    }
}

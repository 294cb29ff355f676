package io.penstock.filter;

import io.penstock.config.Cidr;
import io.penstock.http.AddressText;
import java.util.ArrayList;
import java.util.List;
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

/** What access lists cost a request, and what compiling them takes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AddressTrieBenchmark {
    private static final int ADDRESSES = 1 << 14;

    @Param({"10", "100000"})
    int blocks;

    private List<Cidr> denied = List.of();
    private AddressTrie trie = AddressTrie.of(List.of(), List.of());
    private final byte[][] addresses = new byte[ADDRESSES][AddressText.BYTES];
    private int next;

    @Setup
    public void compile() {
        Random random = new Random(7);
        List<Cidr> list = new ArrayList<>();
        while (list.size() < blocks) {
            long address = random.nextLong() & 0xffff_ffffL;
            int prefix = 20 + random.nextInt(13);
            list.add(new Cidr(false, 0, address & (-1L << (32 - prefix)), prefix));
        }
        denied = list;
        trie = AddressTrie.of(List.of(), denied);
        byte[] v4 = new byte[4];
        for (byte[] address : addresses) {
            random.nextBytes(v4);
            AddressText.widen(v4, address);
        }
    }

    @Benchmark
    public boolean passes() {
        next = (next + 1) & (ADDRESSES - 1);
        return trie.passes(addresses[next]);
    }

    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public AddressTrie compiles() {
        return AddressTrie.of(List.of(), denied);
    }
}

package io.penstock.metrics;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A worker that writes heads over others while {@link HeadSamples} are read. */
public final class HeadSamplesStress {
    private static final byte[] ADDRESS = new byte[16];
    private static final long LATER_NS = 20_000_000_000L;

    private HeadSamplesStress() {}

    /** A head is seen whole or not at all, whatever is written over it. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "whole, or not there while it is written")
    @Outcome(expect = Expect.FORBIDDEN, desc = "half of one and half of another")
    @State
    public static class NoneIsTorn {
        private final HeadSamples samples = new HeadSamples(1);
        private long nowNs;

        /** All places are taken: what the worker writes goes over the oldest. */
        public NoneIsTorn() {
            for (int i = 0; i < HeadSamples.PLACES; i++) {
                write("first");
            }
        }

        private void write(String word) {
            nowNs += LATER_NS;
            samples.begin(0, nowNs, 0, 0, ADDRESS);
            for (int i = 0; i < 16; i++) {
                byte[] text = word.getBytes(StandardCharsets.US_ASCII);
                samples.text(text, 0, text.length);
            }
            samples.publish();
        }

        @Actor
        public void worker() {
            write("other");
            write("third");
        }

        @Actor
        public void reader(II_Result r) {
            List<HeadSample> found = samples.read();
            r.r1 = (int) found.stream()
                    .filter(head -> head.texts().size() != 16
                            || head.texts().stream().distinct().count() != 1)
                    .count();
            r.r2 = found.size() >= HeadSamples.PLACES - 1 ? 1 : 0;
        }
    }
}

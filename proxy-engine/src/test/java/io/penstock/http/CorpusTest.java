package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CorpusTest {
    private static final long SEED = 20_261_101;

    private interface Feeder {
        String feed(byte[] bytes, int... cuts);
    }

    static List<Corpus.Entry> requests() {
        return Corpus.of("requestHead");
    }

    static List<Corpus.Entry> responses() {
        return Corpus.of("responseHead");
    }

    static List<Corpus.Entry> chunkedBodies() {
        return Corpus.of("chunkedBody");
    }

    @ParameterizedTest
    @MethodSource("requests")
    void judgesEachRequestAsExpectedHoweverItIsCut(Corpus.Entry entry) {
        judges(entry, Feeding::request);
    }

    @ParameterizedTest
    @MethodSource("responses")
    void judgesEachResponseAsExpectedHoweverItIsCut(Corpus.Entry entry) {
        judges(entry, Feeding::response);
    }

    @ParameterizedTest
    @MethodSource("chunkedBodies")
    void judgesEachChunkedBodyAsExpectedHoweverItIsCut(Corpus.Entry entry) {
        judges(entry, Feeding::chunked);
    }

    private static void judges(Corpus.Entry entry, Feeder feeder) {
        byte[] bytes = entry.bytes();
        String whole = feeder.feed(bytes);

        assertThat(whole.toLowerCase(Locale.ROOT).replace('_', '-')).startsWith(entry.expected() + " ");
        // Every single cut; for the few long ones a part of them, chosen by chance.
        SplittableRandom random = new SplittableRandom(SEED);
        for (int cut = 0; cut <= bytes.length; cut += bytes.length > 2000 ? 1 + random.nextInt(40) : 1) {
            assertThat(feeder.feed(bytes, cut)).as("cut at " + cut).isEqualTo(whole);
        }
        assertThat(feeder.feed(bytes, IntStream.range(0, bytes.length).toArray()))
                .as("byte by byte")
                .isEqualTo(whole);
        for (int i = 0; i < 10; i++) {
            int[] cuts = random.ints(1 + random.nextInt(6), 0, bytes.length + 1)
                    .sorted()
                    .toArray();
            assertThat(feeder.feed(bytes, cuts))
                    .as("cuts %s, seed %d", cuts, SEED)
                    .isEqualTo(whole);
        }
    }
}

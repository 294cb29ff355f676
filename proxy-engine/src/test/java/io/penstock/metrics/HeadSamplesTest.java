package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HeadSamplesTest {
    private static final long SECOND_NS = 1_000_000_000;

    private final HeadSamples samples = new HeadSamples(1);
    private long nowNs = 5 * SECOND_NS;

    private boolean offer(int route, String text) {
        if (!samples.isDue(route, nowNs)) {
            return false;
        }
        byte[] address = new byte[16];
        address[15] = 7;
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        samples.begin(route, nowNs, nowNs / 1000, 3, address);
        samples.text(bytes, 0, bytes.length);
        samples.text(bytes, 0, 0);
        samples.publish();
        return true;
    }

    private List<String> texts() {
        return samples.read().stream().map(sample -> sample.texts().getFirst()).toList();
    }

    @Test
    void hasNothingBeforeTheFirstRequest() {
        assertThat(samples.read()).isEmpty();
    }

    @Test
    void givesBackWhatWasWritten() {
        offer(0, "h\u00e9ad");

        HeadSample only = samples.read().getFirst();
        assertThat(only.texts()).containsExactly("h\u00e9ad", "");
        assertThat(only.at()).isEqualTo(Instant.ofEpochSecond(5));
        assertThat(only.flags()).isEqualTo(3);
        assertThat(only.address()).hasSize(16).endsWith(7);
    }

    @Test
    void takesFewOfARouteThatIsAskedForAllTheTime() {
        int taken = 0;
        for (int i = 0; i < 100_000; i++) {
            nowNs += SECOND_NS / 1000;
            taken += offer(3, "x") ? 1 : 0;
        }

        // 17 at once, and one each 10 s of the 100, half of that sooner or later.
        assertThat(taken).isBetween(22, 38);
    }

    @Test
    void keepsTheRareRequestBesideAMillionOfAnother() {
        offer(1, "rare");
        for (int i = 0; i < 1_000_000; i++) {
            nowNs += SECOND_NS / 10;
            offer(2, "often");
        }

        assertThat(texts()).hasSize(HeadSamples.PLACES).containsOnlyOnce("rare");
    }

    @Test
    void sharesItsPlacesAmongRoutesThatAreAskedForAlike() {
        for (int i = 0; i < 200_000; i++) {
            nowNs += SECOND_NS / 20;
            offer(i % 16, "route " + i % 16);
        }

        assertThat(IntStream.range(0, 16))
                .allSatisfy(route -> assertThat(texts())
                        .filteredOn(("route " + route)::equals)
                        .hasSizeBetween(HeadSamples.PLACES / 16 - 1, HeadSamples.PLACES / 16 + 1));
    }

    @Test
    void boundsAllRoutesTogether() {
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            taken += offer(i, "x") ? 1 : 0;
        }

        assertThat(taken).isBetween(200, 400);
    }

    @Test
    void givesRequestsWithoutARouteATurnOfTheirOwn() {
        assertThat(offer(HeadSamples.NO_ROUTE, "lost")).isTrue();

        assertThat(texts()).containsExactly("lost");
    }

    @Test
    void hasRoomForTheLargestHeadAndWritesNothingBesideIt() {
        String largest = "x".repeat(HeadSamples.textBytesMax() - 2 * HeadSamples.TEXT_PREFIX_BYTES);
        offer(1, "before");
        offer(2, largest);
        offer(3, "behind");

        assertThat(texts()).containsExactlyInAnyOrder("before", largest, "behind");
    }

    @Test
    void neverShowsHalfAHead() throws Exception {
        Thread worker = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 300_000; i++) {
                nowNs += 11 * SECOND_NS;
                offer(i % 3, ("" + (char) ('a' + i % 26)).repeat(1 + i % 999));
            }
        });
        while (worker.isAlive()) {
            assertThat(texts())
                    .allSatisfy(text -> assertThat(text.chars().distinct()).hasSize(1));
        }
        worker.join();
    }
}

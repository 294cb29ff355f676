package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class KeyHashTest {
    private static final LimitPlan PLAN = LimitPlan.of("a", 1, Duration.ofSeconds(1), 1, true);

    private final KeyHash hash = new KeyHash(1, 2);

    @Test
    void isTheSameForTheSameNameAndValues() {
        String first = of("10.0.0.1");
        String second = of("10.0.0.1");

        assertThat(first).isEqualTo(second).isNotEqualTo(of("10.0.0.2"));
    }

    @Test
    void dependsOnTheSeed() {
        KeyHash other = new KeyHash(1, 3);
        hash.begin(PLAN).finish();
        other.begin(PLAN).finish();

        assertThat(hash.high()).isNotEqualTo(other.high());
        assertThat(hash.low()).isNotEqualTo(other.low());
    }

    @Test
    void dependsOnTheLimitsNameAndNotOnItsRate() {
        LimitPlan faster = LimitPlan.of("a", 100, Duration.ofSeconds(1), 7, true);
        LimitPlan other = LimitPlan.of("b", 1, Duration.ofSeconds(1), 1, true);
        long high = hash.begin(PLAN).finish().high();

        assertThat(hash.begin(faster).finish().high()).isEqualTo(high);
        assertThat(hash.begin(other).finish().high()).isNotEqualTo(high);
    }

    @Test
    void keepsValuesApartByTheirSeams() {
        byte[] text = "abcdef".getBytes(StandardCharsets.UTF_8);
        long joined = hash.begin(PLAN).add(text, 0, 6).finish().high();
        long early = hash.begin(PLAN).add(text, 0, 2).add(text, 2, 4).finish().high();
        long late = hash.begin(PLAN).add(text, 0, 4).add(text, 4, 2).finish().high();

        assertThat(Set.of(joined, early, late)).hasSize(3);
    }

    @Test
    void readsBuffersAsItReadsArrays() {
        byte[] text = "a text of more than two words".getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < text.length; length++) {
            long array = hash.begin(PLAN).add(text, 1, length).finish().low();
            long buffer = hash.begin(PLAN)
                    .add(new UnsafeBuffer(text), 1, length)
                    .finish()
                    .low();

            assertThat(buffer).isEqualTo(array);
        }
    }

    @Test
    void spreadsNeighbouringAddressesEvenly() {
        int[] perBucket = new int[1024];
        Set<Long> highs = new HashSet<>();
        byte[] address = new byte[4];
        for (int i = 0; i < 1024 * 64; i++) {
            address[1] = (byte) (i >> 16);
            address[2] = (byte) (i >> 8);
            address[3] = (byte) i;
            hash.begin(PLAN).add(address, 0, 4).finish();
            perBucket[(int) hash.low() & 1023]++;
            highs.add(hash.high());
        }

        assertThat(highs).hasSize(1024 * 64);
        // 64 on average, a standard deviation of 8: six of them either way.
        assertThat(IntStream.of(perBucket)).allMatch(count -> count >= 16 && count <= 112);
    }

    private String of(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        hash.begin(PLAN).add(bytes, 0, bytes.length).finish();
        return hash.high() + "/" + hash.low();
    }
}

package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AccessRingTest {
    private static final int SLOTS = 2048;

    private final AccessRing ring = new AccessRing(new AccessLogBounds(SLOTS, 64, 1 << 16));

    @Test
    void whileTheLogKeepsUpTheSameFewSlotsAreUsed() {
        Set<Integer> used = new HashSet<>();
        for (int i = 0; i < 100 * SLOTS; i++) {
            used.add(ring.claim());
            ring.publish();
            if (i % 300 == 0) {
                ring.giveBack(ring.first() + ring.waiting() - 1);
            }
        }

        assertThat(used).hasSize(512);
    }

    @Test
    void aSlotIsNotUsedAgainBeforeItIsGivenBackAndAllAreUsedBeforeOneIsRefused() {
        Random random = new Random(7);
        Deque<Integer> underWay = new ArrayDeque<>();
        for (int round = 0; round < 2000; round++) {
            int published = random.nextInt(random.nextBoolean() ? 2 * SLOTS : 200);
            for (int i = 0; i < published; i++) {
                int slot = ring.claim();
                if (underWay.size() == SLOTS) {
                    assertThat(slot).isNegative();
                    break;
                }
                assertThat(slot).isBetween(0, SLOTS - 1);
                ring.publish();
                underWay.add(slot);
            }
            assertThat(new HashSet<>(underWay)).hasSameSizeAs(underWay);
            assertThat(ring.waiting()).isEqualTo(underWay.size());

            int taken = underWay.isEmpty() ? 0 : random.nextInt(underWay.size() + 1);
            long first = ring.first();
            for (int i = 0; i < taken; i++) {
                assertThat(ring.slotOf(first + i)).isEqualTo(underWay.remove());
            }
            ring.giveBack(first + taken - 1);
        }
    }
}

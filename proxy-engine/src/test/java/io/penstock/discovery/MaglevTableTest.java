package io.penstock.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MaglevTableTest {
    private static EndpointSpec endpoint(int number, int weight) {
        String authority = "10.0.0." + number + ":80";
        return new EndpointSpec(
                new InetSocketAddress("10.0.0." + number, 80),
                authority,
                authority,
                weight,
                Optional.empty(),
                Optional.empty(),
                true,
                false,
                -1);
    }

    private static List<EndpointSpec> endpoints(int... weights) {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> endpoint(i, weights[i]))
                .toList();
    }

    private static int[] even(int count) {
        return IntStream.range(0, count).map(i -> 1).toArray();
    }

    // How many slots each has.
    private static int[] shares(MaglevTable table, int count) {
        int[] shares = new int[count];
        for (long slot = 0; slot < MaglevTable.SLOTS; slot++) {
            shares[table.endpointOf(slot)]++;
        }
        return shares;
    }

    @Test
    void givesEachTheSameShareToTheSlot() {
        for (int count : new int[] {1, 3, 10, 100}) {
            int fair = MaglevTable.SLOTS / count;
            for (int share : shares(MaglevTable.of(endpoints(even(count))), count)) {
                assertThat(share).isBetween(fair, fair + 1);
            }
        }
    }

    @Test
    void givesEachItsShareByWeight() {
        int[] weights = {1, 2, 5, 92};
        int[] shares = shares(MaglevTable.of(endpoints(weights)), weights.length);

        for (int i = 0; i < weights.length; i++) {
            double fair = MaglevTable.SLOTS * weights[i] / 100.0;
            assertThat((double) shares[i]).isBetween(fair - 2, fair + 2);
        }
    }

    @Test
    void movesHardlyAnythingThatNeedNotMove() {
        int count = 100;
        List<EndpointSpec> before = endpoints(even(count));
        List<EndpointSpec> after = new ArrayList<>(before);
        EndpointSpec gone = after.remove(42);
        MaglevTable old = MaglevTable.of(before);
        MaglevTable next = MaglevTable.of(after);

        int moved = 0;
        for (long slot = 0; slot < MaglevTable.SLOTS; slot++) {
            EndpointSpec had = before.get(old.endpointOf(slot));
            if (!had.equals(gone) && !had.equals(after.get(next.endpointOf(slot)))) {
                moved++;
            }
        }

        // The paper measures below one percent for one of a hundred at this size.
        assertThat(moved).isLessThan(MaglevTable.SLOTS / 50);
    }

    @Test
    void doesNotDependOnTheOrderOfTargetsForMostSlots() {
        List<EndpointSpec> forth = endpoints(even(10));
        List<EndpointSpec> back = forth.reversed();
        MaglevTable a = MaglevTable.of(forth);
        MaglevTable b = MaglevTable.of(back);

        int moved = 0;
        for (long slot = 0; slot < MaglevTable.SLOTS; slot++) {
            moved += forth.get(a.endpointOf(slot)).equals(back.get(b.endpointOf(slot))) ? 0 : 1;
        }

        assertThat(moved).isLessThan(MaglevTable.SLOTS / 10);
    }

    @Test
    void givesNothingToWeightZero() {
        assertThat(shares(MaglevTable.of(endpoints(0, 1, 0)), 3)).containsExactly(0, MaglevTable.SLOTS, 0);
        assertThat(MaglevTable.of(endpoints(0, 0)).endpointOf(7)).isEqualTo(-1);
        assertThat(MaglevTable.of(List.of()).endpointOf(-7)).isEqualTo(-1);
    }

    @Test
    void knowsWhoseItIs() {
        MaglevTable table = MaglevTable.of(endpoints(1, 2));

        assertThat(table.isOf(endpoints(1, 2))).isTrue();
        assertThat(table.isOf(endpoints(2, 1))).isFalse();
        assertThat(table.isOf(endpoints(1))).isFalse();
    }
}

package io.penstock.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConnectionIdsTest {
    private final ConnectionIds ids = new ConnectionIds(1, 2);

    private static long numberOf(ConnectionIds ids, byte[] id) {
        ByteBuffer read = ByteBuffer.wrap(id).order(ByteOrder.LITTLE_ENDIAN);
        return ids.numberOf(read.getLong(), read.getInt(), read.getInt());
    }

    @Test
    void tellsTheNumberThatItWasMadeWith() {
        for (int number : new int[] {0, 1, 77, Integer.MAX_VALUE}) {
            for (long unique = 0; unique < 100; unique++) {
                byte[] id = ids.make(number, unique);

                assertThat(id).hasSize(ConnectionIds.BYTES);
                assertThat(numberOf(ids, id)).isEqualTo(number);
            }
        }
    }

    @Test
    void neverMakesTheSameTwiceAndHidesTheNumber() {
        Set<Integer> nonces = new HashSet<>();
        Set<Integer> masked = new HashSet<>();
        for (long unique = 0; unique < 1000; unique++) {
            byte[] id = ids.make(5, unique);
            nonces.add(Arrays.hashCode(Arrays.copyOf(id, 8)));
            masked.add(ByteBuffer.wrap(id, 8, 4).getInt());
        }

        assertThat(nonces).hasSize(1000);
        assertThat(masked).hasSizeGreaterThan(990);
    }

    @Test
    void takesNoIdForItsOwnThatIsMadeUpOrOfAnotherKey() {
        Random random = new Random(9000);
        byte[] id = new byte[ConnectionIds.BYTES];
        for (int i = 0; i < 1000; i++) {
            random.nextBytes(id);
            assertThat(numberOf(ids, id)).isEqualTo(ConnectionIds.FOREIGN);
            assertThat(numberOf(new ConnectionIds(1, 3), ids.make(5, i))).isEqualTo(ConnectionIds.FOREIGN);
        }
    }

    @Test
    void findsTheIdInPackets() {
        byte shortHeader = 0x40;
        byte longHeader = (byte) 0xc0;
        byte ours = ConnectionIds.BYTES;

        assertThat(ConnectionIds.offsetIn(shortHeader, (byte) 0, 40)).isEqualTo(1);
        assertThat(ConnectionIds.offsetIn(shortHeader, (byte) 0, 16)).isEqualTo(-1);
        assertThat(ConnectionIds.offsetIn(longHeader, ours, 1200)).isEqualTo(6);
        assertThat(ConnectionIds.offsetIn(longHeader, (byte) 8, 1200)).isEqualTo(-1);
        assertThat(ConnectionIds.offsetIn(longHeader, ours, 20)).isEqualTo(-1);
    }
}

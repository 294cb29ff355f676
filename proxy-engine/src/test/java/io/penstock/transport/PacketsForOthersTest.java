package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramPacket;
import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicConnection;
import io.penstock.transport.quic.QuicHandler;
import io.penstock.transport.tls.ServerContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Packets for connections of other loops: together where they can be, in order, and never without bound. */
final class PacketsForOthersTest {
    private static final int TOGETHER_MAX = 4;

    private final FakeLoop loop = new FakeLoop();
    private final Counts counts = new Counts();
    private final PacketsForOthers outgoing = new PacketsForOthers(loop, counts, TOGETHER_MAX);

    private static DatagramPacket packet() {
        return new DatagramPacket(Unpooled.buffer(8), new InetSocketAddress(InetAddress.getLoopbackAddress(), 4433));
    }

    @Test
    void handsOverTogetherWhatIsForOneDoorWhenTheReadIsOver() {
        FakeDoor door = new FakeDoor();
        DatagramPacket first = packet();
        DatagramPacket second = packet();

        outgoing.add(first, door);
        outgoing.add(second, door);
        assertThat(door.calls).isEmpty();
        outgoing.handOver();

        assertThat(door.calls).containsExactly(List.of(first, second));
        assertThat(counts.passedOn).isEqualTo(2);
        assertThat(counts.dropped).isZero();
    }

    @Test
    void handsOverBeforeTheReadIsOverWhereAnotherDoorsComeOrThereIsNoRoomForMore() {
        FakeDoor door = new FakeDoor();
        FakeDoor other = new FakeDoor();

        for (int i = 0; i < TOGETHER_MAX + 1; i++) {
            outgoing.add(packet(), door);
        }
        outgoing.add(packet(), other);
        outgoing.handOver();

        assertThat(door.calls).extracting(List::size).containsExactly(TOGETHER_MAX, 1);
        assertThat(other.calls).extracting(List::size).containsExactly(1);
    }

    @Test
    void dropsWhatIsBeyondItsBoundUntilThoseBeforeAreTaken() {
        FakeDoor door = new FakeDoor();
        for (int i = 0; i < PacketsForOthers.UNDER_WAY_MAX; i++) {
            outgoing.add(packet(), door);
        }
        outgoing.handOver();

        DatagramPacket tooMany = packet();
        outgoing.add(tooMany, door);

        assertThat(tooMany.refCnt()).isZero();
        assertThat(counts.dropped).isEqualTo(1);

        door.taken.forEach(Runnable::run);
        loop.run();
        outgoing.add(packet(), door);
        outgoing.handOver();

        assertThat(counts.passedOn).isEqualTo(PacketsForOthers.UNDER_WAY_MAX + 1);
        assertThat(counts.dropped).isEqualTo(1);
    }

    @Test
    void letsGoOfWhatADoorDoesNotTakeAndCountsItAsNoLongerUnderWay() {
        FakeDoor stopped = new FakeDoor();
        stopped.takes = 0;
        List<DatagramPacket> packets = new ArrayList<>();
        for (int i = 0; i < PacketsForOthers.UNDER_WAY_MAX + 1; i++) {
            packets.add(packet());
            outgoing.add(packets.getLast(), stopped);
        }
        outgoing.handOver();

        assertThat(packets).allSatisfy(packet -> assertThat(packet.refCnt()).isZero());
        assertThat(counts.passedOn).isZero();
        assertThat(counts.dropped).isEqualTo(PacketsForOthers.UNDER_WAY_MAX + 1);
    }

    private static final class FakeDoor implements QuicServices.Door {
        private final List<List<DatagramPacket>> calls = new ArrayList<>();
        private final List<Runnable> taken = new ArrayList<>();
        private int takes = Integer.MAX_VALUE;

        @Override
        public int handOver(DatagramPacket[] packets, int count, Runnable whenTaken) {
            calls.add(List.copyOf(Arrays.asList(packets).subList(0, count)));
            taken.add(whenTaken);
            return Math.min(takes, count);
        }

        @Override
        public CompletableFuture<Void> reads(boolean isReading) {
            throw new AssertionError("nothing is asked of a restart here");
        }

        @Override
        public CompletableFuture<Optional<PacketWay>> way() {
            throw new AssertionError("nothing is asked of a restart here");
        }
    }

    private static final class Counts implements QuicAcceptor {
        private int passedOn;
        private int dropped;

        @Override
        public @Nullable QuicHandler accepted(QuicConnection connection) {
            return null;
        }

        @Override
        public @Nullable ServerContext shown(@Nullable String serverName) {
            return null;
        }

        @Override
        public long handshakeTimeoutNs() {
            return 0;
        }

        @Override
        public void dropped(int packets) {
            dropped += packets;
        }

        @Override
        public void passedOn(int packets) {
            passedOn += packets;
        }

        @Override
        public void addressAsked() {}
    }
}

package io.penstock.transport;

import io.netty.channel.socket.DatagramPacket;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.quic.QuicAcceptor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packets that came to one loop and belong to connections behind another door: gathered while a read lasts, and handed over
 * together where several in a row are for the same one. Only so many are under way at once; what is beyond that is dropped and
 * counted, as a network would. It owns a packet from {@link #add} until the door has taken it.
 */
@WorkerConfined
final class PacketsForOthers {
    private static final Logger LOG = LoggerFactory.getLogger(PacketsForOthers.class);

    /** How many packets may be on their way to other loops. */
    static final int UNDER_WAY_MAX = 512;

    private final Loop loop;
    private final QuicAcceptor counts;
    private final int togetherMax;

    /** Whom those that are gathered are for; null while there are none. */
    private QuicServices.@Nullable Door door;

    private DatagramPacket[] gathered;
    private int gatheredCount;
    private int handedOver;

    /**
     * @param counts hears how many were passed on, and how many dropped
     * @param togetherMax how many are handed over at once
     */
    PacketsForOthers(Loop loop, QuicAcceptor counts, int togetherMax) {
        this.loop = loop;
        this.counts = counts;
        this.togetherMax = togetherMax;
        this.gathered = new DatagramPacket[togetherMax];
    }

    /** Takes a packet to be passed on. */
    void add(DatagramPacket packet, QuicServices.Door owner) {
        // A loop of ours may deliver more packets in a turn than there is room for here.
        if (!owner.equals(door) || gatheredCount == togetherMax) {
            handOver();
        }
        if (handedOver + gatheredCount >= UNDER_WAY_MAX) {
            packet.release();
            counts.dropped(1);
            return;
        }
        door = owner;
        gathered[gatheredCount++] = packet;
    }

    /** Hands over what is gathered: the read is over. */
    void handOver() {
        QuicServices.Door owner = door;
        if (owner == null) {
            return;
        }
        DatagramPacket[] packets = gathered;
        int count = gatheredCount;
        // These are the owner's now, on another loop.
        gathered = new DatagramPacket[togetherMax];
        door = null;
        gatheredCount = 0;
        handedOver += count;
        int taken = owner.handOver(packets, count, () -> tellTaken(count));
        if (taken == 0) {
            handedOver -= count;
        }
        for (int i = taken; i < count; i++) {
            packets[i].release();
        }
        counts.passedOn(taken);
        counts.dropped(count - taken);
    }

    // On the loop of who took them.
    private void tellTaken(int count) {
        try {
            loop.post(() -> handedOver -= count);
        } catch (RejectedExecutionException stopped) {
            LOG.debug("who has passed packets on has stopped", stopped);
        }
    }
}

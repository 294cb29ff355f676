package io.penstock.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Socket;
import io.penstock.mark.SharedByWorkers;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to connections that a process before this one has kept, and serves until they end. Nobody waits: the kernel takes a
 * packet or has no room for it.
 */
@SharedByWorkers
final class PredecessorDoor implements QuicServices.Door {
    private static final Logger LOG = LoggerFactory.getLogger(PredecessorDoor.class);
    private static final Cleaner CLEANER = Cleaner.create();

    private final QuicServices services;
    private final PacketWay way;

    PredecessorDoor(QuicServices services, PacketWay way) {
        this.services = services;
        this.way = way;
        // Not as soon as nobody reads at the other end: another loop may be about to write, and its number soon be
        // another file's.
        CLEANER.register(this, new Closing(way.socket()));
    }

    private record Closing(Socket socket) implements Runnable {
        @Override
        public void run() {
            try {
                socket.close();
            } catch (IOException failed) {
                LOG.debug("the way to an ended process could not be closed", failed);
            }
        }
    }

    @Override
    public int handOver(DatagramPacket[] packets, int count, Runnable taken) {
        int passed = 0;
        try {
            while (passed < count
                    && PassedPackets.tryWrite(way.socket(), packets[passed], allocator(packets[passed]))) {
                packets[passed++].release();
            }
        } catch (IOException gone) {
            LOG.debug("the process that kept connections has ended", gone);
            services.leave(way.number());
        }
        if (passed > 0) {
            taken.run();
        }
        return passed;
    }

    // That of the loop which has read it.
    private static ByteBufAllocator allocator(DatagramPacket packet) {
        return packet.content().alloc();
    }

    @Override
    public CompletableFuture<Void> reads(boolean isReading) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Optional<PacketWay>> way() {
        boolean isHeard = PassedPackets.isHeard(way.socket(), UnpooledByteBufAllocator.DEFAULT);
        if (!isHeard) {
            services.leave(way.number());
        }
        return CompletableFuture.completedFuture(isHeard ? Optional.of(way) : Optional.empty());
    }
}

package io.penstock.transport;

import io.netty.channel.socket.DatagramPacket;
import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.quic.AddressTokens;
import io.penstock.transport.quic.ConnectionIds;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * All UDP sockets of this process that speak QUIC, by the number that stands in the ids of their connections; and the keys of
 * these ids and of tokens. Looked up for packets only that came to another socket than their connection's.
 */
@SharedByWorkers
final class QuicServices {
    private static final int SECRET_BYTES = 32;

    /** The way to a socket's connections for packets that came to another. Any thread. */
    interface Door {
        /**
         * Hands packets over to its loop.
         *
         * @param taken run there once they were taken
         * @return whether the loop runs; if not they stay the caller's
         */
        boolean tryHandOver(DatagramPacket[] packets, int count, Runnable taken);
    }

    private final ConcurrentMap<Integer, Door> byNumber = new ConcurrentHashMap<>();
    private final ConnectionIds ids;
    private final AddressTokens tokens;
    private final SecureRandom random = new SecureRandom();

    QuicServices() {
        ids = new ConnectionIds(random.nextLong(), random.nextLong());
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        tokens = new AddressTokens(secret);
    }

    ConnectionIds ids() {
        return ids;
    }

    AddressTokens tokens() {
        return tokens;
    }

    /** Gives it a number that no other has. */
    int enter(Door service) {
        int number;
        do {
            number = random.nextInt() & Integer.MAX_VALUE;
        } while (byNumber.putIfAbsent(number, service) != null);
        return number;
    }

    void leave(int number) {
        byNumber.remove(number);
    }

    @Nullable
    Door of(long number) {
        return byNumber.get((int) number);
    }
}

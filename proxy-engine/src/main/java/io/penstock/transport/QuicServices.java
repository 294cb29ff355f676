package io.penstock.transport;

import io.netty.channel.socket.DatagramPacket;
import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.quic.AddressTokens;
import io.penstock.transport.quic.ConnectionIds;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All UDP sockets that speak QUIC, by the number that stands in the ids of their connections: those of this process, and those of
 * processes before it that still have connections; and the secrets of these ids and of tokens. Looked up for packets only that came
 * to another socket than their connection's.
 */
@SharedByWorkers
final class QuicServices {
    private static final Logger LOG = LoggerFactory.getLogger(QuicServices.class);

    /** How long a loop may take for a restart's wishes. */
    private static final long ANSWER_SECONDS_MAX = 10;

    /** The way to a socket's connections for packets that came to another. Any thread. */
    interface Door {
        /**
         * Hands packets over.
         *
         * @param taken run, on whichever thread, once those that it took are taken; not where it took none
         * @return how many it took; the rest stay the caller's
         */
        int handOver(DatagramPacket[] packets, int count, Runnable taken);

        /** Has its loop leave what comes to the socket to another process, or take it again. */
        CompletableFuture<Void> reads(boolean isReading);

        /** How another process reaches it; nothing where it has ended. */
        CompletableFuture<Optional<PacketWay>> way();
    }

    private final ConcurrentMap<Integer, Door> byNumber = new ConcurrentHashMap<>();
    private final QuicSecrets secrets;
    private final SecureRandom random = new SecureRandom();

    /** With what another process has handed over. */
    QuicServices(List<PacketWay> inherited) {
        secrets = inherited.stream()
                .findFirst()
                .map(PacketWay::secrets)
                .orElseGet(() -> QuicSecrets.random(new SecureRandom()));
        for (PacketWay way : inherited) {
            byNumber.put(way.number(), new PredecessorDoor(this, way));
        }
    }

    QuicSecrets secrets() {
        return secrets;
    }

    ConnectionIds ids() {
        return secrets.ids();
    }

    AddressTokens tokens() {
        return secrets.tokens();
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

    // ---- a restart; not for a worker ----

    /** How another process reaches the connections of each. Waits for their loops. */
    List<PacketWay> ways() {
        return all(byNumber.values().stream().map(Door::way).toList()).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** Has all of them leave what comes to their sockets to another process. Waits until they do. */
    void leave() {
        all(byNumber.values().stream().map(door -> door.reads(false)).toList());
    }

    /** Has them take it again, soon. */
    void keep() {
        for (Door door : byNumber.values()) {
            CompletableFuture<Void> done = door.reads(true);
            LOG.debug("reading of {} goes on: {}", door, done);
        }
    }

    private static <T> List<T> all(List<CompletableFuture<T>> answers) {
        try {
            List<T> given = new ArrayList<>();
            for (CompletableFuture<T> answer : answers) {
                given.add(answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS));
            }
            return given;
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException("UDP sockets cannot be handed over: " + failed, failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while UDP sockets were handed over", stopped);
        }
    }
}

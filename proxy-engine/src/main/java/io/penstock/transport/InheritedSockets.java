package io.penstock.transport;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets that another process has handed to this one, with what waits in them. Control path only; whoever
 * claims one owns it, and what nobody claimed is closed by {@link #close}.
 */
public final class InheritedSockets implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InheritedSockets.class);

    private final List<Entry> entries = new ArrayList<>();

    private record Entry(String listener, String address, int descriptor) {}

    /** None. */
    public static InheritedSockets none() {
        return new InheritedSockets();
    }

    /**
     * One more.
     *
     * @param listener the name of the listener that it served
     * @param address where that was to listen, as its configuration says; not the port that the kernel chose for it
     */
    public synchronized void add(String listener, String address, int descriptor) {
        entries.add(new Entry(listener, address, descriptor));
    }

    /** Those that served this address: descriptors, now the caller's. A port of the kernel's choice belongs to its listener. */
    public synchronized List<Integer> claim(String listener, String address) {
        boolean isChosen = address.endsWith(":0");
        List<Entry> found = entries.stream()
                .filter(entry -> entry.address.equals(address) && (!isChosen || entry.listener.equals(listener)))
                .toList();
        entries.removeAll(found);
        return found.stream().map(Entry::descriptor).toList();
    }

    /** Those UDP sockets that served this address: descriptors, now the caller's. */
    public synchronized List<Integer> claimDatagrams(String listener, String address) {
        return claim(listener, datagrams(address));
    }

    /** What stands for an address where its UDP sockets are meant, which are told from those of TCP by it. */
    public static String datagrams(String address) {
        return "udp " + address;
    }

    /** Ways to connections that other processes have kept; the caller's. */
    synchronized List<PacketWay> claimWays() {
        List<PacketWay> ways = new ArrayList<>();
        for (Entry entry : List.copyOf(entries)) {
            if (entry.listener.equals(PacketWay.LISTENER)) {
                PacketWay.of(entry.address, entry.descriptor).ifPresent(way -> {
                    entries.remove(entry);
                    ways.add(way);
                });
            }
        }
        return ways;
    }

    /** Closes what nobody claimed; the process that handed it over still has its own descriptor of it. */
    @Override
    public synchronized void close() {
        for (Entry entry : entries) {
            try {
                new FileDescriptor(entry.descriptor).close();
            } catch (IOException failed) {
                LOG.debug("descriptor {} could not be closed", entry.descriptor, failed);
            }
        }
        entries.clear();
    }
}

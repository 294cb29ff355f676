package io.penstock.transport;

import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;

/** The addresses that this process holds, each with how often. Any thread; control path only. */
final class HeldAddresses {
    private final Map<SocketAddress, Integer> counts = new HashMap<>();

    synchronized void add(SocketAddress address) {
        counts.merge(address, 1, Integer::sum);
    }

    synchronized void remove(SocketAddress address) {
        counts.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    synchronized boolean contains(SocketAddress address) {
        return counts.containsKey(address);
    }
}

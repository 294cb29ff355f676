package io.penstock.transport;

import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;

/** The addresses that this process holds, each with how often. Any thread; control path only. */
final class HeldAddresses {
    private final Map<SocketAddress, Integer> counts = new HashMap<>();
    private boolean areHandedOver;

    synchronized void add(SocketAddress address) {
        counts.merge(address, 1, Integer::sum);
    }

    synchronized void remove(SocketAddress address) {
        counts.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    /** Another process serves these addresses too from now on: their files are its. */
    synchronized void handedOver() {
        areHandedOver = true;
    }

    synchronized boolean areHandedOver() {
        return areHandedOver;
    }

    synchronized boolean contains(SocketAddress address) {
        return counts.containsKey(address);
    }
}

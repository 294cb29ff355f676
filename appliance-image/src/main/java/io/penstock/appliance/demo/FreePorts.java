package io.penstock.appliance.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Finds ports that nobody serves: the wanted one, or the next free one above it. No port is given twice. */
final class FreePorts {
    private static final int TRIES_MAX = 1000;

    private final Set<Integer> given = new HashSet<>();

    InetSocketAddress from(int wanted) {
        for (int port = wanted; port < wanted + TRIES_MAX; port++) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
            if (!given.contains(port) && isFree(address)) {
                given.add(port);
                return address;
            }
        }
        throw new IllegalStateException("no free port from " + wanted + " to " + (wanted + TRIES_MAX - 1));
    }

    private static boolean isFree(InetSocketAddress address) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address, 1);
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}

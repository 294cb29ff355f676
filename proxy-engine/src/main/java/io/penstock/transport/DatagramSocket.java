package io.penstock.transport;

import java.net.InetSocketAddress;

/**
 * A UDP socket that is bound, and of which no loop reads yet: everything that can fail about it has been done. Made by
 * {@link Transport#bindDatagrams} on the control thread; owned by whoever holds it until a loop serves it. One of those that
 * join what another process has handed over binds only then: packets would wait in it before anybody reads.
 */
public interface DatagramSocket extends HandedSocket, AutoCloseable {
    /** The bound address. */
    InetSocketAddress localAddress();

    /** Whether it is bound, and not closed. */
    boolean isOpen();

    /** Gives the address up; of no effect once a loop serves it. */
    @Override
    void close();
}

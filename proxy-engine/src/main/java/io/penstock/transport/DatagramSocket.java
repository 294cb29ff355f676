package io.penstock.transport;

import java.net.InetSocketAddress;

/**
 * A UDP socket that is bound, and of which no loop reads yet: everything that can fail about it has been done. Made by
 * {@link Transport#bindDatagrams} on the control thread; owned by whoever holds it until a loop serves it.
 */
public interface DatagramSocket extends AutoCloseable {
    /** The bound address. */
    InetSocketAddress localAddress();

    /** Gives the address up; of no effect once a loop serves it. */
    @Override
    void close();
}

package io.penstock.transport;

import java.net.InetSocketAddress;

/**
 * A server socket that is bound and does not listen yet: everything that can fail about it has been done.
 * Made by {@link Transport#bind} on the control thread; owned by whoever holds it until a loop accepts from it.
 */
public interface BoundSocket extends HandedSocket, AutoCloseable {
    /** The bound address, with the port the kernel chose where 0 was asked. */
    InetSocketAddress localAddress();

    /** Gives the address up; of no effect once a loop accepts from it. */
    @Override
    void close();
}

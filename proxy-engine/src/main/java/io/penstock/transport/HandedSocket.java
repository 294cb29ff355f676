package io.penstock.transport;

/** A socket of the kernel's that another process can be given too, by {@link SocketHandover}. */
public interface HandedSocket {
    /**
     * By which this process knows it.
     *
     * @throws IllegalStateException if it has none, as on transport {@code nio}
     */
    int descriptor();
}

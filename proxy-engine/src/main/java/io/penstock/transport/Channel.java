package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.net.InetSocketAddress;
import org.agrona.DirectBuffer;

/**
 * One end of a byte stream, owned by one {@link Loop} from its first byte to its last; every method is called on that loop.
 *
 * <p>Output is gathered and leaves in one system call at the end of the loop's turn. After {@link #close()} or
 * {@link #abort()} every sending call is ignored.
 */
@WorkerConfined
public interface Channel {
    /** Pending output above which {@link #isSendable()} says no, in bytes. */
    int HIGH_WATER_BYTES = 64 * 1024;

    /** Pending output below which {@link ChannelHandler#sendable} is called again, in bytes. */
    int LOW_WATER_BYTES = 32 * 1024;

    /** The loop that owns this channel. */
    Loop loop();

    /** Replaces the handler, from the next event on. */
    void handler(ChannelHandler handler);

    /** Whether bytes are wanted; while not, the peer meets the kernel's back-pressure. New channels do not receive. */
    void receive(boolean wanted);

    /** Appends bytes to the output, copying them. */
    void send(byte[] source, int offset, int length);

    /** Appends bytes to the output, copying them. */
    void send(DirectBuffer source, int offset, int length);

    /**
     * Appends a part of received bytes to the output, keeping a reference instead of a copy where that is cheaper.
     *
     * @param offset position in {@code source.buffer()}, inside its region
     */
    void send(Received source, int offset, int length);

    /** Whether pending output is below the high-water mark; sending is allowed either way. */
    boolean isSendable();

    /** Output not yet taken by the kernel, in bytes. */
    int pendingBytes();

    /** Sends what is pending, then FIN; receiving goes on. */
    void finish();

    /** Sends what is pending, then closes. */
    void close();

    /** Drops what is pending and closes with a reset. */
    void abort();

    /**
     * Whether the end of input, once it was told, is known to be the peer's own. By TLS anybody on the way can end the connection, but not in
     * the peer's name (RFC 8446 section 6.1); in clear nobody can tell the one from the other, and it counts as the peer's.
     */
    default boolean isEndAnnounced() {
        return true;
    }

    /** False as soon as {@link #close()}, {@link #abort()} or the peer ended it. */
    boolean isOpen();

    /** The peer's address; for a unix socket, the wildcard with port 0. Allocated once per channel. */
    InetSocketAddress remoteAddress();

    /** Our own address. Allocated once per channel. */
    InetSocketAddress localAddress();
}

package io.penstock.transport;

import io.penstock.mark.WorkerConfined;

/**
 * What a channel tells its owner. Every call comes on the channel's loop, never nested inside another call of the same
 * channel's handler, and none comes after {@link #closed}.
 */
@WorkerConfined
public interface ChannelHandler {
    /** The channel is connected (or accepted) and may be used. */
    void opened(Channel channel);

    /**
     * Bytes have arrived.
     *
     * @return how many of them were taken. Fewer than {@code bytes.length()} pauses the channel as {@code receive(false)}
     *     does; it keeps the rest and hands it over again, first, after the next {@code receive(true)}
     */
    int received(Channel channel, Received bytes);

    /** The peer will send no more (FIN); sending may go on. Comes after the last byte was taken. */
    void endOfInput(Channel channel);

    /** The pending output fell below the low-water mark after {@link Channel#isSendable()} had said no. */
    void sendable(Channel channel);

    /** The channel is gone; exactly once, also where {@link #opened} never came. */
    void closed(Channel channel, CloseCause cause);
}

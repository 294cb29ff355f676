package io.penstock.transport;

/** Decides who serves an accepted connection. */
public interface Acceptor {
    /** The loop that shall own the next connection; the accepting loop itself, unless connections are balanced. */
    Loop owner();

    /** The handler of a connection just accepted; called on the owning loop, before {@code opened}. */
    ChannelHandler accepted(Channel channel);

    /** The process is out of descriptors or memory for another connection: accepting rests for 100 ms. Called on the accepting loop. */
    default void exhausted() {}
}

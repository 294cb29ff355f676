package io.penstock.transport;

/** A handler to which nothing of its channel matters: it takes whatever comes. Who wants to hear of something says so. */
public interface DeafHandler extends ChannelHandler {
    /** Ends the channel that it is given, at once and without a word. */
    DeafHandler TURNED_AWAY = new DeafHandler() {
        @Override
        public void opened(Channel channel) {
            channel.abort();
        }
    };

    @Override
    default void opened(Channel channel) {}

    @Override
    default int received(Channel channel, Received bytes) {
        return bytes.length();
    }

    @Override
    default void endOfInput(Channel channel) {}

    @Override
    default void sendable(Channel channel) {}

    @Override
    default void closed(Channel channel, CloseCause cause) {}
}

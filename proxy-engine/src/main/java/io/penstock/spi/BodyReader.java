package io.penstock.spi;

/** Hears of a body that a filter asked for as a whole with {@link FilterCall#readBody}. Called once, on the worker. */
public interface BodyReader {
    /** The whole body, without framing; the reader may keep the array but must not write to it. */
    void complete(byte[] body);

    /** The body is longer than the reader allowed; nothing of it is kept and the exchange can only be refused. */
    void tooLarge();

    /**
     * The body was to be decoded and cannot be; nothing of it is kept and the exchange can only be refused.
     *
     * @param why what is wrong with it
     */
    default void unreadable(String why) {
        tooLarge();
    }
}

package io.penstock.spi;

import io.penstock.http.Fields;
import org.agrona.DirectBuffer;

/**
 * A copy of a request on its way to another service. It shares nothing with the request it was made from: whatever becomes of
 * it, that one hears nothing. Ended by {@link #send} or {@link #drop}, and of no use afterwards.
 */
public interface RequestCopy {
    /** The copy's header fields, to be edited before it is sent. */
    Fields fields();

    /**
     * Adds a part of the body.
     *
     * @return false if the body is longer than was allowed or there is no room for more: the copy is dropped then
     */
    boolean add(DirectBuffer buffer, int offset, int length);

    /** Sends it soon, never inside this call. Its answer is read and thrown away. */
    void send();

    /** Gives it up. */
    void drop();
}

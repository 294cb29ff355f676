package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;

/** What an exchange hears of its stream to an endpoint, on its worker. */
@WorkerConfined
public interface UpstreamStreamHandler {
    /** A connection is ready for the head; may come inside {@code Upstream.open}. */
    void streamOpened(UpstreamStream stream);

    /** A 1xx other than 101. The head is valid during the call. */
    void informational(ResponseHead head);

    /**
     * The final head (or 101), valid until the stream ends.
     *
     * @param isLast whether no body follows; then the stream is given back already, {@link #responseEnd} does not come, and
     *     the head is valid during the call
     */
    void responseHead(ResponseHead head, boolean isLast);

    /**
     * A part of the body, without framing.
     *
     * @return how many bytes were taken; fewer than {@code length} acts as {@code demand(false)} and the rest comes again
     */
    int responseBody(Received bytes, int offset, int length);

    /**
     * The body is complete; {@code trailers} may be empty. The stream is given back already, except in a tunnel whose other
     * direction is still open: there it is when {@link UpstreamStream#sendEnd} has ended that one too.
     */
    void responseEnd(Fields trailers);

    /** The connection takes output again. */
    void streamSendable();

    /** No stream could be opened, or it broke. */
    void streamFailed(UpstreamFailure failure);
}

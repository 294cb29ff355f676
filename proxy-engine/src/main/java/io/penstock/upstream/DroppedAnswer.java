package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;

/** Who hears the rest of an answer that nobody wants: it is read, so that its connection can be kept, and dropped. */
@WorkerConfined
final class DroppedAnswer implements UpstreamStreamHandler {
    @Override
    public void streamOpened(UpstreamStream stream) {
        throw new IllegalStateException("an answer that is dropped has begun long ago");
    }

    @Override
    public void informational(ResponseHead head) {}

    @Override
    public void responseHead(ResponseHead head, boolean isLast) {}

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        return length;
    }

    @Override
    public void responseEnd(Fields trailers) {}

    @Override
    public void streamSendable() {}

    @Override
    public void streamFailed(UpstreamFailure failure) {}
}

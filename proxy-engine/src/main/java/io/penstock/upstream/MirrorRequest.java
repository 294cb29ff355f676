package io.penstock.upstream;

import io.penstock.config.HostHeader;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.spi.RequestCopy;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** One copy of a request: made while the request passes, then sent, and its answer thrown away. */
@WorkerConfined
final class MirrorRequest implements RequestCopy, UpstreamStreamHandler {
    private static final byte[] NOTHING = {};
    private static final int BODY_BYTES_FIRST = 1024;
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Mirrors mirrors;
    private final RequestHead head = new RequestHead();
    private final OpenRequest open = new OpenRequest();
    private final Timeout timeout = new Timeout();
    private final Upstream upstream;
    private final HostHeader host;
    private final int bodyBytesMax;
    private final long timeoutNs;

    private byte[] body = NOTHING;
    private int bodyLength;
    private int taken;
    private @Nullable UpstreamStream stream;
    private boolean isSent;
    private boolean isFresh;
    private boolean isOver;

    MirrorRequest(
            Mirrors mirrors,
            RequestHead original,
            int size,
            Upstream upstream,
            HostHeader host,
            int bodyBytesMax,
            long timeoutNs) {
        this.mirrors = mirrors;
        this.upstream = upstream;
        this.host = host;
        this.bodyBytesMax = bodyBytesMax;
        this.timeoutNs = timeoutNs;
        this.taken = size;
        head.copyFrom(original);
    }

    // ---- while the request passes ----

    @Override
    public Fields fields() {
        return head.fields();
    }

    @Override
    public boolean add(DirectBuffer buffer, int offset, int length) {
        if (isOver || isSent) {
            return false;
        }
        if (length > bodyBytesMax - bodyLength) {
            mirrors.tooLong();
            drop();
            return false;
        }
        if (bodyLength + length > body.length) {
            int wanted = Math.max(bodyLength + length, Math.max(BODY_BYTES_FIRST, body.length * 2));
            int more = Math.min(wanted, bodyBytesMax) - body.length;
            if (!mirrors.tryTake(more)) {
                mirrors.count(Counter.MIRRORS_DROPPED_BUSY);
                drop();
                return false;
            }
            taken += more;
            body = Arrays.copyOf(body, body.length + more);
        }
        buffer.getBytes(offset, body, bodyLength, length);
        bodyLength += length;
        return true;
    }

    @Override
    public void send() {
        if (!isOver && !isSent) {
            isSent = true;
            mirrors.count(Counter.MIRRORS);
            mirrors.loop().wheel().arm(timeout, mirrors.loop().nowNs() + timeoutNs);
            mirrors.loop().post(this::begin);
        }
    }

    private void begin() {
        if (!isOver) {
            head.framing(bodyLength > 0 ? bodyLength : -1, false);
            upstream.open(open, this);
        }
    }

    // ---- from the stream ----

    @Override
    public void streamOpened(UpstreamStream opened) {
        stream = opened;
        boolean isNameless = head.authorityLength() == 0;
        if (host.kind() == HostHeader.Kind.VALUE) {
            head.rewriteAuthority(host.value());
        } else if (isNameless || host.kind() == HostHeader.Kind.TARGET) {
            head.rewriteAuthority(opened.endpoint().authority());
        }
        opened.sendHead(head, bodyLength == 0);
        if (bodyLength > 0) {
            opened.sendBody(new UnsafeBuffer(body, 0, bodyLength), 0, bodyLength);
            opened.sendEnd(new Fields());
        }
    }

    @Override
    public void informational(ResponseHead advice) {}

    @Override
    public void responseHead(ResponseHead answer, boolean isLast) {
        if (isLast) {
            stream = null;
            end();
        } else if (answer.status() == SWITCHING_PROTOCOLS) {
            failed();
        }
    }

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        return length;
    }

    @Override
    public void responseEnd(Fields trailers) {
        stream = null;
        end();
    }

    @Override
    public void streamSendable() {}

    // Once more where a pooled connection turned out to be closed, as a request of a client would be.
    @Override
    public void streamFailed(UpstreamFailure failure) {
        stream = null;
        boolean isStale = failure.retry() == UpstreamFailure.Retry.STALE_CONNECTION
                && head.method().isIdempotent();
        if (isStale && !isFresh) {
            isFresh = true;
            open.needFreshConnection();
            upstream.open(open, this);
        } else {
            failed();
        }
    }

    // ---- the end ----

    private void failed() {
        mirrors.count(Counter.MIRROR_FAILURES);
        end();
    }

    @Override
    public void drop() {
        end();
    }

    private void end() {
        if (isOver) {
            return;
        }
        isOver = true;
        mirrors.loop().wheel().disarm(timeout);
        UpstreamStream opened = stream;
        stream = null;
        body = NOTHING;
        if (opened != null) {
            opened.reset();
        } else if (open.isPending()) {
            open.cancel();
        }
        mirrors.ended(this, taken);
    }

    private final class Timeout extends Timer {
        @Override
        protected void expired(long nowNs) {
            failed();
        }
    }
}

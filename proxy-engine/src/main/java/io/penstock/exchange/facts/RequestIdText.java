package io.penstock.exchange.facts;

import io.penstock.http.KnownField;
import io.penstock.http.RequestHead;
import io.penstock.http.RequestId;
import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;

/** The id of one request: made here, unless a trusted peer brought one. */
@WorkerConfined
public final class RequestIdText {
    private final byte[] bytes = new byte[RequestId.KEPT_BYTES_MAX];
    private int length;

    /** Makes a new id. */
    public void make(RequestId ids, long epochMs) {
        ids.next(epochMs, bytes, 0);
        length = RequestId.BYTES;
    }

    /** Takes over the id of a head whose sender is trusted, if it has one that may be kept. */
    public void keep(RequestHead head) {
        int index = head.fields().find(KnownField.X_REQUEST_ID);
        if (index < 0) {
            return;
        }
        byte[] source = head.fields().bytes();
        int offset = head.fields().valueOffset(index);
        int count = head.fields().valueLength(index);
        if (RequestId.isKeepable(source, offset, count)) {
            System.arraycopy(source, offset, bytes, 0, count);
            length = count;
        }
    }

    /** Its octets, of which so many count as {@link #length} says. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many octets it has. */
    public int length() {
        return length;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }
}

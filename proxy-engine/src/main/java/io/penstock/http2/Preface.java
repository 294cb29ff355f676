package io.penstock.http2;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/** The first octets of a client's connection, RFC 9113 section 3.4, taken as they come. */
@WorkerConfined
public final class Preface {
    /** All of it. */
    private static final byte[] TEXT = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** How long its first line is, which an HTTP/1 parser can tell from a request line. */
    public static final int LINE_BYTES = 16;

    private int matched;
    private boolean isRefused;

    /** @param matched octets that have been seen already */
    public Preface(int matched) {
        this.matched = matched;
    }

    public boolean isComplete() {
        return matched == TEXT.length;
    }

    /** Whether something else has come. */
    public boolean isRefused() {
        return isRefused;
    }

    /** Takes octets in, up to its end. @return how many were taken */
    public int take(DirectBuffer source, int offset, int length) {
        int taken = 0;
        while (taken < length && !isComplete()) {
            if (source.getByte(offset + taken) != TEXT[matched]) {
                isRefused = true;
                return taken;
            }
            matched++;
            taken++;
        }
        return taken;
    }
}

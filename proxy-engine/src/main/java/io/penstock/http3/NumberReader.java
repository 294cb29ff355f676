package io.penstock.http3;

import io.penstock.mark.WorkerConfined;

/** Reads a number of QUIC's, RFC 9000 section 16, octet by octet. */
@WorkerConfined
public final class NumberReader {
    private long value;
    private int missing = -1;

    /** Ready for the next. */
    public void clear() {
        value = 0;
        missing = -1;
    }

    /** Whether nothing of a number has come. */
    public boolean isEmpty() {
        return missing < 0;
    }

    /** Takes an octet. @return whether the number is whole */
    public boolean take(byte octet) {
        if (missing < 0) {
            missing = (1 << ((octet >> 6) & 3)) - 1;
            value = octet & 0x3f;
        } else {
            value = value << 8 | (octet & 0xff);
            missing--;
        }
        return missing == 0;
    }

    public long value() {
        return value;
    }
}

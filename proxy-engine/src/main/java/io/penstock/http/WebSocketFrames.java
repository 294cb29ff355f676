package io.penstock.http;

import org.agrona.DirectBuffer;

/**
 * Where the frames of one direction of a WebSocket end (RFC 6455 section 5.2), told from their heads as they pass. Of what
 * they hold nothing is looked at.
 */
public final class WebSocketFrames {
    private static final int CLOSE = 8;
    private static final int SHORTEST_HEAD = 2;
    private static final int MASK_BYTES = 4;
    private static final int LENGTH_OF_TWO_BYTES = 126;
    private static final int LENGTH_OF_EIGHT_BYTES = 127;

    /** A close frame that says "going away" (section 7.4.1). */
    private static final byte[] GOING_AWAY = {(byte) 0x88, 2, 0x03, (byte) 0xe9};

    /**
     * The same as clients must send it. The mask guards caches on the way from bytes that a page chooses (section 10.3); nobody has
     * chosen these, so that it need not be a new one.
     */
    private static final byte[] GOING_AWAY_MASKED = {
        (byte) 0x88, (byte) 0x82, 0x5a, (byte) 0xa5, 0x3c, (byte) 0xc3, 0x03 ^ 0x5a, (byte) (0xe9 ^ 0xa5)
    };

    /** Bytes of the present frame's head that have passed. */
    private int headPassed;

    private int headBytes;
    private int lengthEnd;
    private int opcode;
    private long payloadLeft;
    private boolean hasClosed;
    private boolean isLost;

    /** A close frame with status 1001; not to be written to. */
    public static byte[] goingAway(boolean isMasked) {
        return isMasked ? GOING_AWAY_MASKED : GOING_AWAY;
    }

    /** Forgets everything, for another WebSocket. */
    public void reset() {
        headPassed = 0;
        payloadLeft = 0;
        hasClosed = false;
        isLost = false;
    }

    /** Bytes pass. */
    public void passed(DirectBuffer bytes, int offset, int length) {
        int end = offset + length;
        int at = offset;
        while (at < end && !isLost) {
            if (headPassed == 0 && payloadLeft > 0) {
                int skipped = (int) Math.min(payloadLeft, end - at);
                payloadLeft -= skipped;
                at += skipped;
            } else {
                headByte(bytes.getByte(at) & 0xff);
                at++;
            }
        }
    }

    private void headByte(int value) {
        int place = headPassed++;
        if (place == 0) {
            opcode = value & 0x0f;
            payloadLeft = 0;
            headBytes = SHORTEST_HEAD;
        } else if (place == 1) {
            int length = value & 0x7f;
            int lengthBytes = length == LENGTH_OF_TWO_BYTES ? 2 : length == LENGTH_OF_EIGHT_BYTES ? 8 : 0;
            payloadLeft = lengthBytes == 0 ? length : 0;
            headBytes = SHORTEST_HEAD + lengthBytes + (value >= 0x80 ? MASK_BYTES : 0);
            lengthEnd = SHORTEST_HEAD + lengthBytes;
        } else if (place < lengthEnd) {
            payloadLeft = payloadLeft << 8 | value;
            // The most significant bit must be 0: no frame is as long, and where the next begins cannot be known.
            isLost = payloadLeft < 0;
        }
        if (headPassed == headBytes) {
            headPassed = 0;
            hasClosed |= opcode == CLOSE;
        }
    }

    /** Whether a frame may be put in here: the last one is complete, and was not the last of all. */
    public boolean mayInsert() {
        return !isLost && !hasClosed && headPassed == 0 && payloadLeft == 0;
    }
}

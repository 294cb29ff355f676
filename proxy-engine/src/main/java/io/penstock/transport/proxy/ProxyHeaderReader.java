package io.penstock.transport.proxy;

import io.penstock.mark.WorkerConfined;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Takes a PROXY header, of version 1 or 2, off the bytes that a connection begins with (HAProxy's proxy-protocol.txt). It is
 * strict: what is not exactly a header is refused, and no byte behind it is touched.
 */
@WorkerConfined
public final class ProxyHeaderReader {
    /** The longest header of version 2 that is taken: the addresses, and 4 KiB of what may come behind them. */
    public static final int BYTES_MAX = 16 + 36 + 4096;

    /** Section 2.1: the longest line of version 1, with its end. */
    private static final int LINE_BYTES_MAX = 107;

    private static final int FIXED_BYTES = 16;
    private static final byte[] LINE = {'P', 'R', 'O', 'X', 'Y', ' '};
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    /** How far it has come. */
    public enum State {
        /** More bytes are wanted. */
        PARTIAL,
        /** It is here. */
        COMPLETE,
        /** The connection begins with something else. */
        ABSENT,
        /** It began as one and is none, or is too long. */
        MALFORMED
    }

    private State state = State.PARTIAL;
    private byte[] bytes = new byte[LINE_BYTES_MAX];
    private int count;
    private int version;
    private int wanted = FIXED_BYTES;
    private ProxyHeader header = ProxyHeader.NOTHING;

    /** Takes bytes in, up to the end of the header. @return how many were taken */
    public int feed(DirectBuffer buffer, int offset, int length) {
        int taken = 0;
        while (state == State.PARTIAL && taken < length) {
            if (count == bytes.length) {
                bytes = Arrays.copyOf(bytes, wanted);
            }
            bytes[count++] = buffer.getByte(offset + taken);
            taken++;
            state = switch (version) {
                case 1 -> line();
                case 2 -> binary();
                default -> beginning();
            };
        }
        return taken;
    }

    /** How far it has come. */
    public State state() {
        return state;
    }

    /** What it says, once it is complete. */
    public ProxyHeader header() {
        return header;
    }

    /** What was taken though it is no header. */
    public byte[] taken() {
        return Arrays.copyOf(bytes, count);
    }

    private State beginning() {
        if (isPrefixOf(LINE)) {
            version = count == LINE.length ? 1 : 0;
        } else if (isPrefixOf(SIGNATURE)) {
            version = count == SIGNATURE.length ? 2 : 0;
        } else {
            return State.ABSENT;
        }
        return State.PARTIAL;
    }

    private boolean isPrefixOf(byte[] whole) {
        return count <= whole.length && Arrays.equals(bytes, 0, count, whole, 0, count);
    }

    // ---- version 1, section 2.1 ----

    private State line() {
        if (bytes[count - 1] != '\n') {
            return count < LINE_BYTES_MAX ? State.PARTIAL : State.MALFORMED;
        }
        if (bytes[count - 2] != '\r') {
            return State.MALFORMED;
        }
        ProxyHeader read = ProxyLine.read(bytes, LINE.length, count - 2);
        if (read == null) {
            return State.MALFORMED;
        }
        header = read;
        return State.COMPLETE;
    }

    // ---- version 2, section 2.2 ----

    private State binary() {
        if (count < FIXED_BYTES) {
            return State.PARTIAL;
        }
        if (count == FIXED_BYTES) {
            int command = bytes[12] & 0xff;
            int family = bytes[13] & 0xff;
            wanted = FIXED_BYTES + (((bytes[14] & 0xff) << 8) | (bytes[15] & 0xff));
            if ((command != 0x20 && command != 0x21) || family >> 4 > 3 || (family & 0xf) > 2 || wanted > BYTES_MAX) {
                return State.MALFORMED;
            }
        }
        if (count < wanted) {
            return State.PARTIAL;
        }
        ProxyHeader read = ProxyBinary.read(bytes, count);
        if (read == null) {
            return State.MALFORMED;
        }
        header = read;
        return State.COMPLETE;
    }
}

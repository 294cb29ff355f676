package io.penstock.coding;

import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.agrona.DirectBuffer;

/**
 * The gzip format (RFC 1952): members one after another, each a header, deflate data, and eight bytes that check them.
 *
 * <p>Header and trailer are read byte by byte, since a part may end anywhere.
 */
final class GzipDecoder implements Decoder {
    private static final int FLAG_CHECK = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int FLAGS_RESERVED = 0xe0;
    private static final int HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;
    // A header is not told to the hooks: without a bound it would be a way to send bytes that nobody sees.
    private static final int HEADER_BYTES_MAX = 64 * 1024;

    private enum State {
        HEADER,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CHECK,
        DATA,
        TRAILER
    }

    private final Inflater inflater = new Inflater(true);
    private final CRC32 check = new CRC32();
    private final byte[] input = new byte[INPUT_BYTES];
    private int at;
    private int limit;
    private State state = State.HEADER;
    private int flags;
    private int count;
    private int headerBytes;
    private long number;
    private boolean isComplete;

    @Override
    public int feed(DirectBuffer source, int offset, int length) {
        int taken = Math.min(length, INPUT_BYTES);
        source.getBytes(offset, input, 0, taken);
        at = 0;
        limit = taken;
        return taken;
    }

    @Override
    public int decode(byte[] into) throws CodingException {
        while (true) {
            if (state == State.DATA) {
                int bytes = inflate(into);
                if (bytes > 0) {
                    return bytes;
                }
                if (state == State.DATA) {
                    return 0;
                }
            } else if (at == limit) {
                return 0;
            } else {
                take(input[at++] & 0xff);
            }
        }
    }

    private int inflate(byte[] into) throws CodingException {
        if (inflater.needsInput()) {
            if (at == limit) {
                return 0;
            }
            inflater.setInput(input, at, limit - at);
        }
        try {
            int bytes = inflater.inflate(into);
            at = limit - inflater.getRemaining();
            check.update(into, 0, bytes);
            if (bytes == 0 && inflater.finished()) {
                enter(State.TRAILER);
            }
            return bytes;
        } catch (DataFormatException broken) {
            throw new CodingException("its deflate data is broken");
        }
    }

    private void enter(State next) {
        state = next;
        count = 0;
        number = 0;
    }

    private void take(int octet) throws CodingException {
        if (state != State.TRAILER && ++headerBytes > HEADER_BYTES_MAX) {
            throw new CodingException("its gzip header is longer than " + HEADER_BYTES_MAX + " bytes");
        }
        switch (state) {
            case HEADER -> takeHeader(octet);
            case EXTRA_LENGTH -> {
                number |= (long) octet << (8 * count++);
                if (count == 2) {
                    long length = number;
                    enter(State.EXTRA);
                    number = length;
                    if (length == 0) {
                        afterExtra();
                    }
                }
            }
            case EXTRA -> {
                if (--number == 0) {
                    afterExtra();
                }
            }
            case NAME -> {
                if (octet == 0) {
                    afterName();
                }
            }
            case COMMENT -> {
                if (octet == 0) {
                    afterComment();
                }
            }
            case HEADER_CHECK -> {
                if (++count == 2) {
                    enter(State.DATA);
                }
            }
            case TRAILER -> takeTrailer(octet);
            case DATA -> throw new IllegalStateException("deflate data is not read byte by byte");
        }
    }

    private void takeHeader(int octet) throws CodingException {
        isComplete = false;
        boolean isRight = switch (count) {
            case 0 -> octet == 0x1f;
            case 1 -> octet == 0x8b;
            case 2 -> octet == 8;
            case 3 -> (octet & FLAGS_RESERVED) == 0;
            default -> true;
        };
        if (!isRight) {
            throw new CodingException("it is not in the gzip format");
        }
        if (count == 3) {
            flags = octet;
        }
        if (++count == HEADER_BYTES) {
            if ((flags & FLAG_EXTRA) != 0) {
                enter(State.EXTRA_LENGTH);
            } else {
                afterExtra();
            }
        }
    }

    private void afterExtra() {
        if ((flags & FLAG_NAME) != 0) {
            enter(State.NAME);
        } else {
            afterName();
        }
    }

    private void afterName() {
        if ((flags & FLAG_COMMENT) != 0) {
            enter(State.COMMENT);
        } else {
            afterComment();
        }
    }

    private void afterComment() {
        enter((flags & FLAG_CHECK) != 0 ? State.HEADER_CHECK : State.DATA);
    }

    private void takeTrailer(int octet) throws CodingException {
        number |= (long) octet << (8 * count++);
        if (count < TRAILER_BYTES) {
            return;
        }
        long length = inflater.getBytesWritten() & 0xffff_ffffL;
        if ((number & 0xffff_ffffL) != check.getValue() || number >>> Integer.SIZE != length) {
            throw new CodingException("its gzip checksum or length is wrong");
        }
        inflater.reset();
        check.reset();
        headerBytes = 0;
        enter(State.HEADER);
        isComplete = true;
    }

    @Override
    public boolean isComplete() {
        return isComplete;
    }

    @Override
    public void close() {
        inflater.end();
    }
}

package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * A growable run of bytes that is reused: what a head is read into and what output is composed in.
 *
 * <p>The array behind it always has {@link #SLACK} spare bytes after the last one, so that it may be read and written
 * eight bytes at a time. It is replaced when it grows: ask {@link #array()} again after every append.
 */
@WorkerConfined
public final class ByteBuilder {
    /** Spare bytes that follow the content in {@link #array()}. */
    static final int SLACK = 8;

    /** {@link #clear()} gives an array larger than this back to the heap, so that one huge head is not kept for ever. */
    static final int RETAINED_BYTES_MAX = 16 * 1024;

    private static final int WORDWISE_BYTES_MAX = 64;

    private static final byte[] DIGIT_PAIRS = digitPairs();
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final int initialBytes;
    private byte[] array;
    private int length;

    /**
     * Makes an empty one.
     *
     * @param initialBytes room before it first grows
     */
    public ByteBuilder(int initialBytes) {
        this.initialBytes = initialBytes;
        this.array = new byte[initialBytes + SLACK];
    }

    /** The bytes, from index 0; replaced when it grows. */
    public byte[] array() {
        return array;
    }

    /** How many bytes there are. */
    public int length() {
        return length;
    }

    /** Cuts or extends the content; bytes it extends by are those that {@link #array()} holds already. */
    public void length(int newLength) {
        length = newLength;
    }

    /** Forgets the content, and gives an unusually large array back. */
    public void clear() {
        length = 0;
        if (array.length > RETAINED_BYTES_MAX + SLACK && initialBytes <= RETAINED_BYTES_MAX) {
            array = new byte[initialBytes + SLACK];
        }
    }

    /** Makes room for so many more bytes. */
    public void ensure(int more) {
        if (array.length - SLACK - length < more) {
            grow(more);
        }
    }

    private void grow(int more) {
        array = Arrays.copyOf(array, Math.addExact(Math.max(length + more, array.length * 2), SLACK));
    }

    /** Appends one byte. */
    public ByteBuilder append(byte value) {
        ensure(1);
        array[length++] = value;
        return this;
    }

    /** Appends a character below 256. */
    public ByteBuilder append(char value) {
        return append((byte) value);
    }

    /** Appends all of an array. */
    public ByteBuilder append(byte[] source) {
        return append(source, 0, source.length);
    }

    /** Appends a part of an array. */
    public ByteBuilder append(byte[] source, int offset, int count) {
        ensure(count);
        System.arraycopy(source, offset, array, length, count);
        length += count;
        return this;
    }

    /** Appends a part of a buffer. */
    public ByteBuilder append(DirectBuffer source, int offset, int count) {
        ensure(count);
        source.getBytes(offset, array, length, count);
        length += count;
        return this;
    }

    /**
     * Appends a part of an array that, too, has {@link #SLACK} readable bytes after that part. Faster than a call of
     * arraycopy for the dozens of bytes that names and values have.
     */
    ByteBuilder appendShort(byte[] source, int offset, int count) {
        ensure(count);
        copy(source, offset, count);
        length += count;
        return this;
    }

    /** As {@link #appendShort}, and CR LF. */
    void appendLine(byte[] source, int offset, int count) {
        ensure(count + 2);
        copy(source, offset, count);
        int end = length + count;
        array[end] = '\r';
        array[end + 1] = '\n';
        length = end + 2;
    }

    private void copy(byte[] source, int offset, int count) {
        if (count > WORDWISE_BYTES_MAX) {
            System.arraycopy(source, offset, array, length, count);
            return;
        }
        byte[] target = array;
        int at = length;
        for (int done = 0; done < count; done += 8) {
            Octets.putLong(target, at + done, Octets.getLong(source, offset + done));
        }
    }

    /** Appends a text whose characters are all below 256, one byte each. */
    public ByteBuilder append(String latin1) {
        int count = latin1.length();
        ensure(count);
        int at = length;
        for (int i = 0; i < count; i++) {
            array[at + i] = (byte) latin1.charAt(i);
        }
        length += count;
        return this;
    }

    /** Appends a number that is not negative, in decimal digits. */
    public ByteBuilder appendDecimal(long value) {
        int digits = decimalDigits(value);
        ensure(digits);
        int at = length + digits;
        long rest = value;
        while (rest >= 10) {
            int pair = (int) (rest % 100) * 2;
            rest /= 100;
            array[--at] = DIGIT_PAIRS[pair + 1];
            array[--at] = DIGIT_PAIRS[pair];
        }
        if (at > length) {
            array[--at] = (byte) ('0' + rest);
        }
        length += digits;
        return this;
    }

    /** Appends a number that is not negative, in lower-case hexadecimal digits without leading zeros. */
    public ByteBuilder appendHex(long value) {
        int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(value)) >>> 2);
        ensure(digits);
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            array[length++] = HEX[(int) (value >>> shift) & 15];
        }
        return this;
    }

    /** The content as a text, one character for each byte. For tests and messages, not for the request path. */
    @Override
    public String toString() {
        return new String(array, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static int decimalDigits(long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private static byte[] digitPairs() {
        byte[] pairs = new byte[200];
        for (int i = 0; i < 100; i++) {
            pairs[i * 2] = (byte) ('0' + i / 10);
            pairs[i * 2 + 1] = (byte) ('0' + i % 10);
        }
        return pairs;
    }
}

package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.BodyReader;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** A body that a filter wants as a whole, up to the bound it gave. Holds no memory as long as none does. */
@WorkerConfined
final class CollectedBody {
    private static final byte[] NOTHING = {};
    private static final int FIRST_BYTES = 4096;

    private byte[] bytes = NOTHING;
    private int length;
    private int bytesMax;
    private boolean isTooLarge;
    private boolean isWhole;

    /** Set while the body is being collected. */
    private @Nullable BodyReader reader;

    void begin(int bound, BodyReader wanted) {
        if (reader != null) {
            throw new IllegalStateException("the body is being read already");
        }
        reader = wanted;
        bytesMax = bound;
    }

    boolean isCollecting() {
        return reader != null;
    }

    /** Whether it is all here. */
    boolean isWhole() {
        return isWhole;
    }

    /** Whether it was longer than the reader allowed; said once. */
    boolean wasTooLarge() {
        boolean was = isTooLarge;
        isTooLarge = false;
        return was;
    }

    /** All of it. */
    byte[] bytes() {
        return bytes;
    }

    /** Takes a part in. @return whether more is wanted; if not the reader was told that it is too large */
    boolean take(DirectBuffer source, int offset, int count) {
        if (count > bytesMax - length) {
            refuse();
            return false;
        }
        if (length + count > bytes.length) {
            int doubled = Math.max(FIRST_BYTES, Math.max(length + count, bytes.length * 2));
            bytes = Arrays.copyOf(bytes, Math.min(Math.max(doubled, length + count), bytesMax));
        }
        source.getBytes(offset, bytes, length, count);
        length += count;
        return true;
    }

    /** It will not fit: tells the reader. */
    void refuse() {
        BodyReader told = reader;
        isTooLarge = true;
        drop();
        if (told != null) {
            told.tooLarge();
        }
    }

    /** It is complete: tells the reader. */
    void complete() {
        BodyReader told = reader;
        reader = null;
        bytes = bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
        isWhole = true;
        if (told != null) {
            told.complete(bytes);
        }
    }

    /** Other bytes take its place. */
    void replace(byte[] others) {
        reader = null;
        bytes = others;
        length = others.length;
        isWhole = true;
        isTooLarge = false;
    }

    /** Nobody wants it any more. */
    void drop() {
        reader = null;
        bytes = NOTHING;
        length = 0;
        isWhole = false;
    }

    void reset() {
        drop();
        isTooLarge = false;
    }
}

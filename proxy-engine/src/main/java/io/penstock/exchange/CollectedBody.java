package io.penstock.exchange;

import io.penstock.coding.CodingException;
import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
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
    // Why the reader could not be given it decoded; said once.
    private @Nullable CodingException unreadable;
    private String contentEncoding = "";

    /** Set while the body is being collected. */
    private @Nullable BodyReader reader;

    /**
     * Begins to collect.
     *
     * @param coded the value of {@code Content-Encoding} if the reader wants that undone; else empty
     */
    void begin(int bound, String coded, BodyReader wanted) {
        if (reader != null) {
            throw new IllegalStateException("the body is being read already");
        }
        contentEncoding = coded;
        reader = wanted;
        bytesMax = bound;
    }

    /** Whether so many bytes more are within the reader's bound. */
    boolean fits(int count) {
        return count <= bytesMax - length;
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
        if (!fits(count)) {
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
            if (ContentCoding.isCoded(contentEncoding)) {
                decode(told);
            } else {
                told.complete(bytes);
            }
        }
    }

    // The coded bytes stay: they are what goes on unless another body replaces them.
    private void decode(BodyReader told) {
        ContentCoding coding = ContentCoding.of(contentEncoding);
        byte[] plain = NOTHING;
        try {
            if (coding == null) {
                throw new CodingException("its coding is not known here");
            }
            plain = WholeBody.decoded(coding, bytes, bytesMax);
        } catch (CodingException broken) {
            unreadable = broken;
            drop();
            told.unreadable(String.valueOf(broken.getMessage()));
            return;
        }
        if (plain.length > bytesMax) {
            reader = told;
            refuse();
        } else {
            told.complete(plain);
        }
    }

    /** Why it could not be decoded, if it could not; said once. */
    @Nullable
    CodingException unreadable() {
        CodingException was = unreadable;
        unreadable = null;
        return was;
    }

    /** Other bytes take its place. */
    void replace(byte[] others) {
        reader = null;
        bytes = others;
        length = others.length;
        isWhole = true;
        isTooLarge = false;
        unreadable = null;
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
        unreadable = null;
    }
}

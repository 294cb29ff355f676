package io.penstock.http3;

import io.penstock.mark.WorkerConfined;
import org.agrona.DirectBuffer;

/**
 * Finds the frames of one stream in what comes on it, in whatever parts that comes. What a frame holds stays where it lies;
 * the reader only counts it.
 *
 * <p>Use: while {@link #isBetween()}, {@link #begin} takes octets of the next frame's type and length; then {@link #left()} says
 * how much of the frame is still to come, and {@link #taken} that some of it was taken.
 */
@WorkerConfined
public final class FrameReader {
    private final NumberReader number = new NumberReader();
    private long type;
    private long left;
    private boolean hasType;
    private boolean isInside;

    /** Makes it ready for a new stream. */
    public void clear() {
        number.clear();
        hasType = false;
        isInside = false;
        left = 0;
    }

    /** Whether the next octet is of a frame's type or length. */
    public boolean isBetween() {
        return !isInside;
    }

    /** Whether nothing of a frame has come without the rest. */
    public boolean isAtBoundary() {
        return !isInside && !hasType && number.isEmpty();
    }

    /**
     * Takes octets of a type and a length.
     *
     * @return how many were taken; afterwards {@link #isBetween()} says whether more are needed
     */
    public int begin(DirectBuffer bytes, int offset, int length) {
        int taken = 0;
        while (taken < length && !isInside) {
            if (number.take(bytes.getByte(offset + taken++))) {
                if (hasType) {
                    left = number.value();
                    hasType = false;
                    isInside = true;
                } else {
                    type = number.value();
                    hasType = true;
                }
                number.clear();
            }
        }
        return taken;
    }

    /** Of the frame that has begun, see {@link FrameTypes}. */
    public long type() {
        return type;
    }

    /** Whether its type is one that HTTP/3 must not have. */
    public boolean isForbidden() {
        return FrameTypes.isForbidden(type);
    }

    /** Octets of the frame that are still to come. */
    public long left() {
        return left;
    }

    /** So many of them were taken; behind the last the next frame begins. */
    public void taken(int octets) {
        left -= octets;
    }

    /** The frame is at its end. */
    public void end() {
        isInside = false;
    }
}

package io.penstock.route;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One pass over a path: where its segments end, and hashes from which the hash of every prefix and of every template is
 * put together. Reused; belongs to whoever looks up.
 *
 * <p>The path {@code /a/b} has the segments {@code a} and {@code b}, {@code /a/} has {@code a} and an empty one, {@code /}
 * has one that is empty. Only the first {@link #SEGMENTS_MAX} are kept; the hash of the whole path covers all.
 */
@WorkerConfined
final class PathScan {
    /** Segments that templates, prefixes and the fixed part of a regex may have. */
    static final int SEGMENTS_MAX = 64;

    private static final long SLASHES = 0x2F2F2F2F2F2F2F2FL;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    /** Hash of each segment. */
    final long[] segmentHash = new long[SEGMENTS_MAX];

    /** Hash of the first n segments. */
    final long[] prefixHash = new long[SEGMENTS_MAX + 1];

    /** Where the first n segments end, counted from the path's first byte. */
    final int[] prefixLength = new int[SEGMENTS_MAX + 1];

    /** Segments in all, those not kept too; 0 for a path that does not begin with a slash. */
    int segments;

    /** Hash of the whole path. */
    long wholeHash;

    /** Where the path lies. */
    int offset;

    int length;

    PathScan() {
        prefixHash[0] = RouteHash.PATH_SEED;
    }

    void scan(UnsafeBuffer bytes, int pathOffset, int pathLength) {
        offset = pathOffset;
        length = pathLength;
        if (pathLength == 0 || bytes.getByte(pathOffset) != '/') {
            segments = 0;
            wholeHash = RouteHash.ofHost(bytes, pathOffset, pathLength, 0);
            return;
        }
        int limit = pathOffset + pathLength;
        int readable = bytes.capacity() - Long.BYTES;
        int at = pathOffset + 1;
        int count = 0;
        long whole = RouteHash.PATH_SEED;
        long hash = RouteHash.SEGMENT_SEED;
        int segmentStart = at;
        while (true) {
            int left = limit - at;
            long word;
            if (left >= Long.BYTES) {
                word = bytes.getLong(at, ByteOrder.LITTLE_ENDIAN);
            } else if (left > 0 && at <= readable) {
                word = bytes.getLong(at, ByteOrder.LITTLE_ENDIAN) & (-1L >>> (64 - 8 * left));
            } else {
                word = RouteHash.word(bytes, at, left);
            }
            // The lowest set bit marks the first slash (Hacker's Delight, 6-1); bytes behind the path are zero, no
            // slash.
            long difference = word ^ SLASHES;
            long found = (difference - LOW_BITS) & ~difference & HIGH_BITS;
            int taken;
            if (found != 0) {
                taken = Long.numberOfTrailingZeros(found) >>> 3;
                word &= (1L << (8 * taken)) - 1;
            } else if (left >= Long.BYTES) {
                hash = RouteHash.mix(hash, word);
                at += Long.BYTES;
                continue;
            } else {
                taken = left;
            }
            at += taken;
            hash = RouteHash.mix(hash, word | (long) (at - segmentStart) << 56);
            whole = RouteHash.mix(whole, hash);
            if (count < SEGMENTS_MAX) {
                segmentHash[count] = hash;
                prefixHash[count + 1] = whole;
                prefixLength[count + 1] = at - pathOffset;
            }
            count++;
            if (found == 0) {
                break;
            }
            at++;
            segmentStart = at;
            hash = RouteHash.SEGMENT_SEED;
        }
        segments = count;
        wholeHash = whole;
    }

    /** Where segment {@code index} begins, behind its slash, counted from the path's first byte. */
    int segmentStart(int index) {
        return prefixLength[index] + 1;
    }

    /** Where segment {@code index} ends. */
    int segmentEnd(int index) {
        return prefixLength[index + 1];
    }

    /** The hash of the key that a shape makes of this path; the shape must fit. */
    long hash(int kind, int fixed, long literals) {
        long hash = switch (kind) {
            case PathShape.EXACT -> wholeHash;
            case PathShape.TEMPLATE, PathShape.TAIL -> literalHash(literals);
            default -> prefixHash[fixed];
        };
        // Kind, length and mask are part of the key: one path makes a different hash of each shape.
        return RouteHash.mix(hash + literals, kind | fixed << 8);
    }

    private long literalHash(long literals) {
        long hash = RouteHash.PATH_SEED;
        long rest = literals;
        while (rest != 0) {
            int index = Long.numberOfLeadingZeros(rest);
            hash = RouteHash.mix(hash, segmentHash[index]);
            rest &= ~(Long.MIN_VALUE >>> index);
        }
        return hash;
    }
}

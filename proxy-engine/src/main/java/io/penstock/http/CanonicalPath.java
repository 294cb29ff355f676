package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.util.Arrays;

/**
 * Brings a path into the one form that routing, filters, logs and the upstream share.
 *
 * <p>Escapes of unreserved octets are decoded, other escapes get upper-case digits, octets that RFC 3986 section 3.3
 * does not allow raw are escaped, {@code //} becomes {@code /}, and dot segments are removed (section 5.2.4). The
 * result never changes when it is brought into canonical form again.
 *
 * <p>Refused is what two servers may understand differently: bad escapes, {@code %00}, control and non-ASCII octets, a
 * backslash, a raw {@code #}, a climb above the root, and a dot segment disguised by {@code ;} or beside an encoded
 * slash. {@code %2F}, {@code %5C} and {@code %25} stay as they are and are reported.
 */
@WorkerConfined
public final class CanonicalPath {

    private final ByteBuilder out = new ByteBuilder(256);
    private boolean isUnchanged;
    private boolean hasEncodedSlash;
    private int length;
    private String problem = "";

    /** Makes a reader, to be used again and again. */
    public CanonicalPath() {}

    /** Whether the path read last was canonical already: then it is to be taken from where it was. */
    public boolean isUnchanged() {
        return isUnchanged;
    }

    /** Whether the path read last holds {@code %2F}, {@code %5C} or {@code %25}. */
    public boolean hasEncodedSlash() {
        return hasEncodedSlash;
    }

    /** The canonical form of the path read last, from index 0, unless it {@link #isUnchanged()}. */
    public byte[] bytes() {
        return out.array();
    }

    /** How long the canonical form is. */
    public int length() {
        return length;
    }

    /** What is wrong with the path read last. */
    public String problem() {
        return problem;
    }

    /**
     * The canonical form of a text; for configuration, not for the request path.
     *
     * @throws IllegalArgumentException if refused
     */
    public static String of(String path) {
        if (!Octets.isVisible(path)) {
            throw new IllegalArgumentException("path \"" + path
                    + "\": holds a space, a control or a character beyond ASCII; escape it, for example %20");
        }
        ByteBuilder raw = new ByteBuilder(path.length()).append(path);
        CanonicalPath canonical = new CanonicalPath();
        if (!canonical.read(raw.array(), 0, raw.length())) {
            throw new IllegalArgumentException("path \"" + path + "\": " + canonical.problem());
        }
        return canonical.isUnchanged() ? path : canonical.out.toString();
    }

    /**
     * Reads a path.
     *
     * @param bytes hold the path, without query, from {@code offset} for {@code count} bytes
     * @return whether it is acceptable; if not, {@link #problem()} says why
     */
    public boolean read(byte[] bytes, int offset, int count) {
        hasEncodedSlash = false;
        if (count == 0 || bytes[offset] != '/') {
            return refuse("The path does not begin with a slash.");
        }
        if (isPlain(bytes, offset, count)) {
            isUnchanged = true;
            length = count;
            return true;
        }
        out.clear();
        out.append((byte) '/');
        int end = offset + count;
        int at = offset + 1;
        while (true) {
            int segmentStart = out.length();
            at = readSegment(bytes, offset, at, end);
            if (at < 0 || !endSegment(segmentStart, at < end)) {
                return false;
            }
            if (at == end) {
                break;
            }
            at++;
        }
        length = out.length();
        isUnchanged = length == count && Arrays.equals(out.array(), 0, length, bytes, offset, end);
        return true;
    }

    // Whether nothing is to be done: only path octets, and no slash is followed by a slash or a dot.
    private static boolean isPlain(byte[] bytes, int offset, int count) {
        byte previous = 0;
        for (int i = offset; i < offset + count; i++) {
            byte octet = bytes[i];
            if (!Octets.isPath(octet) || (previous == '/' && (octet == '/' || octet == '.'))) {
                return false;
            }
            previous = octet;
        }
        return true;
    }

    // Appends one segment, escapes normalised. Returns where it ends in the source, or -1 if it is refused.
    private int readSegment(byte[] bytes, int offset, int from, int end) {
        int at = from;
        while (at < end && bytes[at] != '/') {
            byte octet = bytes[at];
            if (octet == '%') {
                int high = at + 2 < end ? Octets.hexValue(bytes[at + 1]) : -1;
                int low = high >= 0 ? Octets.hexValue(bytes[at + 2]) : -1;
                if (low < 0) {
                    refuse("The path has a percent sign without two hexadecimal digits at offset " + (at - offset)
                            + ".");
                    return -1;
                }
                if (!appendDecoded(high << 4 | low, at - offset)) {
                    return -1;
                }
                at += 3;
            } else {
                if (Octets.isPath(octet)) {
                    out.append(octet);
                } else if (octet <= 0x20 || octet == 0x7f || octet == '\\' || octet == '#') {
                    refuse("The path holds " + Octets.named(octet) + " at offset " + (at - offset) + ".");
                    return -1;
                } else {
                    PercentCodec.escape(octet, out);
                }
                at++;
            }
        }
        return at;
    }

    private boolean appendDecoded(int octet, int at) {
        if (octet == 0) {
            return refuse("The path holds %00 at offset " + at + ".");
        }
        if (Octets.isUnreserved((byte) octet)) {
            out.append((byte) octet);
        } else {
            hasEncodedSlash |= octet == '/' || octet == '\\' || octet == '%';
            PercentCodec.escape(octet, out);
        }
        return true;
    }

    private boolean endSegment(int start, boolean isFollowed) {
        byte[] bytes = out.array();
        int end = out.length();
        if (isDots(bytes, start, end)) {
            out.length(start);
            return end - start < 2 || climb(start);
        }
        if (hidesDots(bytes, start, end)) {
            return refuse("The path hides a dot segment behind a semicolon or an encoded slash.");
        }
        if (isFollowed && end > start) {
            out.append((byte) '/');
        }
        return true;
    }

    // Takes the segment before `start` away; what is left ends with a slash.
    private boolean climb(int start) {
        if (start == 1) {
            return refuse("The path climbs above the root.");
        }
        int slash = start - 2;
        while (out.array()[slash] != '/') {
            slash--;
        }
        out.length(slash + 1);
        return true;
    }

    private static boolean isDots(byte[] bytes, int start, int end) {
        return (end - start == 1 && bytes[start] == '.')
                || (end - start == 2 && bytes[start] == '.' && bytes[start + 1] == '.');
    }

    // Some servers cut parameters off a segment before they resolve dots, others decode slashes first.
    private static boolean hidesDots(byte[] bytes, int start, int end) {
        int partStart = start;
        int at = start;
        while (at < end) {
            boolean isParameter = bytes[at] == ';' || isEscape(bytes, at, '3', 'B');
            boolean isSlash = isEscape(bytes, at, '2', 'F') || isEscape(bytes, at, '5', 'C');
            if (isParameter || isSlash) {
                if (isDots(bytes, partStart, at)) {
                    return true;
                }
                // Behind a semicolon come parameters, until a slash of any kind.
                partStart = isSlash ? at + 3 : end;
            }
            at += bytes[at] == '%' ? 3 : 1;
        }
        return partStart > start && isDots(bytes, partStart, end);
    }

    private static boolean isEscape(byte[] bytes, int at, char high, char low) {
        return bytes[at] == '%' && bytes[at + 1] == high && bytes[at + 2] == low;
    }

    private boolean refuse(String what) {
        problem = what;
        return false;
    }
}

package io.penstock.http;

/**
 * How large a head may be.
 *
 * @param headBytes bytes of the start line and all fields, with their line ends
 * @param headFields field lines
 */
public record HeadLimits(int headBytes, int headFields) {
    /** What a listener and an upstream have by default: 64 KiB, 200 fields. */
    public static final HeadLimits DEFAULT = new HeadLimits(64 * 1024, 200);

    /** What a trailer section may have: 8 KiB, 64 fields. */
    public static final HeadLimits TRAILERS = new HeadLimits(8 * 1024, 64);

    private static final int HEAD_BYTES_LEAST = 64;
    private static final int HEAD_BYTES_MOST = 1 << 20;
    private static final int HEAD_FIELDS_MOST = 10_000;

    public HeadLimits {
        if (headBytes < HEAD_BYTES_LEAST || headBytes > HEAD_BYTES_MOST) {
            throw new IllegalArgumentException(
                    "headBytes is " + headBytes + "; it must be from " + HEAD_BYTES_LEAST + " to " + HEAD_BYTES_MOST);
        }
        if (headFields < 1 || headFields > HEAD_FIELDS_MOST) {
            throw new IllegalArgumentException(
                    "headFields is " + headFields + "; it must be from 1 to " + HEAD_FIELDS_MOST);
        }
    }
}

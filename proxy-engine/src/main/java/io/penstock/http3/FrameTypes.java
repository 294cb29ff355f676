package io.penstock.http3;

import io.penstock.http.ByteBuilder;

/** The kinds of frames and of streams that we know, RFC 9114 sections 6.2, 7.2 and 11.2, and how they are written. */
public final class FrameTypes {
    public static final long DATA = 0x00;
    public static final long HEADERS = 0x01;
    public static final long CANCEL_PUSH = 0x03;
    public static final long SETTINGS = 0x04;
    public static final long PUSH_PROMISE = 0x05;
    public static final long GOAWAY = 0x07;
    public static final long MAX_PUSH_ID = 0x0d;

    /** A stream of control frames; one each way. */
    public static final long CONTROL_STREAM = 0x00;

    public static final long PUSH_STREAM = 0x01;
    public static final long ENCODER_STREAM = 0x02;
    public static final long DECODER_STREAM = 0x03;

    /** The setting that bounds a head, RFC 9114 section 7.2.4.1. */
    public static final long MAX_FIELD_SECTION_SIZE = 0x06;

    private FrameTypes() {}

    /** Whether it is a frame of HTTP/2 that HTTP/3 does not have, and that is an error wherever it comes. */
    static boolean isForbidden(long type) {
        return type == 0x02 || type == 0x06 || type == 0x08 || type == 0x09;
    }

    /** Appends the beginning of a frame. */
    public static void header(long type, long length, ByteBuilder into) {
        number(type, into);
        number(length, into);
    }

    /** Appends a number of QUIC's, RFC 9000 section 16: in one, two, four or eight octets. */
    public static void number(long value, ByteBuilder into) {
        if (value < 1L << 6) {
            into.append((byte) value);
        } else if (value < 1L << 14) {
            into.append((byte) (0x40 | (value >> 8))).append((byte) value);
        } else if (value < 1L << 30) {
            octets(value | 0x80000000L, 4, into);
        } else {
            octets(value | 0xc000000000000000L, 8, into);
        }
    }

    private static void octets(long value, int count, ByteBuilder into) {
        for (int i = count - 1; i >= 0; i--) {
            into.append((byte) (value >>> (8 * i)));
        }
    }
}

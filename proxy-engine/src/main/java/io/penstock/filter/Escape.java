package io.penstock.filter;

import io.penstock.filter.Template.Place;
import io.penstock.http.ByteBuilder;
import io.penstock.http.PercentCodec;
import java.nio.charset.StandardCharsets;

/** Puts values where they cannot be taken for anything but values. */
final class Escape {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final int DELETE = 0x7f;

    private Escape() {}

    /** Appends a value, escaped for its place. @return false if it cannot stand there at all */
    static boolean append(ByteBuilder value, Place place, ByteBuilder into) {
        byte[] bytes = value.array();
        int length = value.length();
        switch (place) {
            case HEADER -> header(bytes, length, into);
            case HOST -> {
                if (!isOfHost(bytes, length)) {
                    return false;
                }
                into.append(bytes, 0, length);
            }
            case SEGMENT -> {
                if (!isSegment(bytes, length)) {
                    return false;
                }
                PercentCodec.encode(bytes, 0, length, into);
            }
            case QUERY -> PercentCodec.encode(bytes, 0, length, into);
            case JSON -> json(bytes, length, into);
            case MARKUP -> markup(bytes, length, into);
            case TEXT -> into.append(bytes, 0, length);
        }
        return true;
    }

    private static void header(byte[] bytes, int length, ByteBuilder into) {
        for (int i = 0; i < length; i++) {
            int octet = bytes[i] & 0xff;
            if (octet < 0x20 || octet == DELETE) {
                into.append((byte) '%').append(HEX[octet >> 4]).append(HEX[octet & 15]);
            } else {
                into.append(bytes[i]);
            }
        }
    }

    // What ends a host for some reader of links, or a label for some resolver, is not among it.
    private static boolean isOfHost(byte[] bytes, int length) {
        boolean isBorder = true;
        for (int i = 0; i < length; i++) {
            byte octet = bytes[i];
            boolean isInner = octet == '.' || octet == '-';
            boolean isPlain = (octet >= 'a' && octet <= 'z')
                    || (octet >= 'A' && octet <= 'Z')
                    || (octet >= '0' && octet <= '9')
                    || octet == '_';
            if (!isPlain && !(isInner && !(isBorder && (octet == '.' || i == 0)))) {
                return false;
            }
            isBorder = octet == '.';
        }
        return length > 0 && !isBorder && bytes[length - 1] != '-';
    }

    // Nothing that some reader of paths takes for more than one segment, for none, or for a way upwards.
    private static boolean isSegment(byte[] bytes, int length) {
        boolean isDots = true;
        for (int i = 0; i < length; i++) {
            int octet = bytes[i] & 0xff;
            if (octet < 0x20 || octet == DELETE || octet == '/' || octet == '\\' || octet == '%' || octet == ';') {
                return false;
            }
            isDots &= octet == '.';
        }
        return length > 0 && !isDots;
    }

    private static void json(byte[] bytes, int length, ByteBuilder into) {
        // Bytes that are no UTF-8 come out as the sign for that: JSON has no others.
        String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder(text.length() + 16);
        JsonStrings.escape(text, out);
        into.append(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void markup(byte[] bytes, int length, ByteBuilder into) {
        for (int i = 0; i < length; i++) {
            int octet = bytes[i] & 0xff;
            switch (octet) {
                case '<' -> into.append("&lt;");
                case '>' -> into.append("&gt;");
                case '&' -> into.append("&amp;");
                case '"' -> into.append("&quot;");
                case '\'' -> into.append("&#39;");
                default -> {
                    if (octet >= 0x20 || octet == '\t' || octet == '\n') {
                        into.append(bytes[i]);
                    }
                }
            }
        }
    }
}

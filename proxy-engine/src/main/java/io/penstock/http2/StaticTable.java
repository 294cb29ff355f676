package io.penstock.http2;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The static table of header compression, RFC 7541 appendix A. Indexes run from 1. */
final class StaticTable {
    static final int COUNT = 61;

    static final int AUTHORITY = 1;
    static final int METHOD_GET = 2;
    static final int METHOD_POST = 3;
    static final int PATH_ROOT = 4;
    static final int SCHEME_HTTP = 6;
    static final int SCHEME_HTTPS = 7;
    static final int STATUS_200 = 8;

    private static final String[] LINES = {
        ":authority",
        ":method GET",
        ":method POST",
        ":path /",
        ":path /index.html",
        ":scheme http",
        ":scheme https",
        ":status 200",
        ":status 204",
        ":status 206",
        ":status 304",
        ":status 400",
        ":status 404",
        ":status 500",
        "accept-charset",
        "accept-encoding gzip, deflate",
        "accept-language",
        "accept-ranges",
        "accept",
        "access-control-allow-origin",
        "age",
        "allow",
        "authorization",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "etag",
        "expect",
        "expires",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "last-modified",
        "link",
        "location",
        "max-forwards",
        "proxy-authenticate",
        "proxy-authorization",
        "range",
        "referer",
        "refresh",
        "retry-after",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "user-agent",
        "vary",
        "via",
        "www-authenticate"
    };

    private static final byte[][] NAMES = new byte[COUNT + 1][];
    private static final byte[][] VALUES = new byte[COUNT + 1][];

    static {
        NAMES[0] = VALUES[0] = new byte[0];
        for (int i = 0; i < COUNT; i++) {
            int space = LINES[i].indexOf(' ');
            NAMES[i + 1] = ascii(space < 0 ? LINES[i] : LINES[i].substring(0, space));
            VALUES[i + 1] = ascii(space < 0 ? "" : LINES[i].substring(space + 1));
        }
    }

    private StaticTable() {}

    /** Not to be written to. */
    static byte[] name(int index) {
        return NAMES[index];
    }

    /** Not to be written to. */
    static byte[] value(int index) {
        return VALUES[index];
    }

    /** The first entry of a name, or 0. For tables made once. */
    static int find(String lowerName) {
        byte[] name = ascii(lowerName);
        for (int i = 1; i <= COUNT; i++) {
            if (Arrays.equals(NAMES[i], name)) {
                return i;
            }
        }
        return 0;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

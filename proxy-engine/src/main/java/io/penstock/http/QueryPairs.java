package io.penstock.http;

/** The {@code name=value} pairs of a request's query. Allocates nothing but a finder. */
final class QueryPairs {
    private QueryPairs() {}

    static int find(RequestHead head, String name, ByteBuilder into) {
        QueryParameters finder = new QueryParameters();
        byte[] bytes = head.bytes();
        int end = head.queryOffset + head.queryLength;
        int found = 0;
        for (int at = head.queryOffset; finder.find(bytes, at, end - at, name); ) {
            if (++found == 1) {
                finder.decodeValue(bytes, into);
            }
            at = finder.valueOffset() + finder.valueLength() + 1;
            if (at >= end) {
                break;
            }
        }
        return found;
    }

    /** What is left moves together; the query's bytes are the head's own. */
    static void remove(RequestHead head, String name) {
        QueryParameters finder = new QueryParameters();
        byte[] bytes = head.bytes();
        int end = head.queryOffset + head.queryLength;
        int out = head.queryOffset;
        for (int at = head.queryOffset; at < end; ) {
            int pairEnd = Octets.indexOf(bytes, at, end, (byte) '&');
            if (!finder.find(bytes, at, pairEnd - at, name)) {
                if (out > head.queryOffset) {
                    bytes[out++] = '&';
                }
                System.arraycopy(bytes, at, bytes, out, pairEnd - at);
                out += pairEnd - at;
            }
            at = pairEnd + 1;
        }
        head.queryLength = out - head.queryOffset;
        head.hasQuery = head.queryLength > 0;
    }
}

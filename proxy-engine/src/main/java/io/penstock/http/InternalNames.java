package io.penstock.http;

/** Fields without an id of their own that end at this gateway because of how their names begin. */
final class InternalNames {
    private static final String OURS = "x-penstock-";
    private static final String PROXY = "proxy-";
    private static final String CONSUMER = "x-consumer-";
    private static final String FORWARDED = "x-forwarded-";

    private InternalNames() {}

    /** Whether it is Penstock's own ({@code X-Penstock-*}) or for the next proxy alone ({@code Proxy-*}). */
    static boolean isInternal(Fields fields, int index) {
        int offset = fields.nameOffset(index);
        byte[] bytes = fields.bytes();
        int first = bytes[offset] | 0x20;
        return (first == 'x' && Octets.startsWithIgnoreCase(bytes, offset, fields.nameLength(index), OURS))
                || (first == 'p' && Octets.startsWithIgnoreCase(bytes, offset, fields.nameLength(index), PROXY));
    }

    /** Whether it claims something about who sent the request ({@code X-Consumer-*}), which only the gateway may say. */
    static boolean isOfConsumer(Fields fields, int index) {
        int offset = fields.nameOffset(index);
        byte[] bytes = fields.bytes();
        return (bytes[offset] | 0x20) == 'x'
                && Octets.startsWithIgnoreCase(bytes, offset, fields.nameLength(index), CONSUMER);
    }

    /** Whether it claims something about the way of the request ({@code X-Forwarded-*}). */
    static boolean isForwarded(Fields fields, int index) {
        int offset = fields.nameOffset(index);
        byte[] bytes = fields.bytes();
        return (bytes[offset] | 0x20) == 'x'
                && Octets.startsWithIgnoreCase(bytes, offset, fields.nameLength(index), FORWARDED);
    }
}

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
        int first = fields.bytes()[fields.nameOffset(index)] | 0x20;
        return (first == 'x' && begins(fields, index, OURS)) || (first == 'p' && begins(fields, index, PROXY));
    }

    /** Whether it claims something about who sent the request ({@code X-Consumer-*}), which only the gateway may say. */
    static boolean isOfConsumer(Fields fields, int index) {
        return (fields.bytes()[fields.nameOffset(index)] | 0x20) == 'x' && begins(fields, index, CONSUMER);
    }

    /** Whether it claims something about the way of the request ({@code X-Forwarded-*}). */
    static boolean isForwarded(Fields fields, int index) {
        return (fields.bytes()[fields.nameOffset(index)] | 0x20) == 'x' && begins(fields, index, FORWARDED);
    }

    // Written with underscores too: many programs see no difference.
    private static boolean begins(Fields fields, int index, String prefix) {
        return fields.nameLength(index) >= prefix.length()
                && Octets.equalsAlike(fields.bytes(), fields.nameOffset(index), prefix.length(), prefix);
    }
}

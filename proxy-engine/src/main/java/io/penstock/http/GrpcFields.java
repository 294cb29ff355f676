package io.penstock.http;

import java.util.concurrent.TimeUnit;

/** What the head of a request says of a gRPC call: PROTOCOL-HTTP2.md of the gRPC project, section Requests. */
public final class GrpcFields {
    private static final String CONTENT_TYPE = "application/grpc";
    private static final String TIMEOUT = "grpc-timeout";

    /** A timeout has so many digits at most, and a unit. */
    private static final int DIGITS_MAX = 8;

    private static final long TIMEOUT_NS_MAX = TimeUnit.DAYS.toNanos(365);

    private GrpcFields() {}

    /** Whether it is a call: by POST, of a content type of gRPC's, but not of gRPC-Web's, whose clients read no fields. */
    public static boolean isCall(RequestHead request) {
        if (request.method() != Method.POST) {
            return false;
        }
        Fields fields = request.fields();
        int type = fields.find(KnownField.CONTENT_TYPE);
        if (type < 0 || !fields.valueStartsWithIgnoreCase(type, CONTENT_TYPE)) {
            return false;
        }
        if (fields.valueLength(type) == CONTENT_TYPE.length()) {
            return true;
        }
        byte next = fields.bytes()[fields.valueOffset(type) + CONTENT_TYPE.length()];
        return next == '+' || next == ';' || next == ' ';
    }

    /**
     * How long the caller waits, in nanoseconds, a year at most, so that a time of now may be added; -1 if it says nothing,
     * or nothing that can be understood.
     */
    public static long timeoutNs(Fields fields) {
        int field = fields.find(TIMEOUT);
        if (field < 0) {
            return -1;
        }
        byte[] bytes = fields.bytes();
        int at = fields.valueOffset(field);
        int unitAt = at + fields.valueLength(field) - 1;
        if (unitAt <= at || unitAt - at > DIGITS_MAX) {
            return -1;
        }
        long count = 0;
        for (; at < unitAt; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            count = count * 10 + digit;
        }
        return Math.min(TIMEOUT_NS_MAX, timeoutNs(count, bytes[unitAt]));
    }

    private static long timeoutNs(long count, byte unit) {
        return switch (unit) {
            case 'H' -> TimeUnit.HOURS.toNanos(count);
            case 'M' -> TimeUnit.MINUTES.toNanos(count);
            case 'S' -> TimeUnit.SECONDS.toNanos(count);
            case 'm' -> TimeUnit.MILLISECONDS.toNanos(count);
            case 'u' -> TimeUnit.MICROSECONDS.toNanos(count);
            case 'n' -> count;
            default -> -1;
        };
    }
}

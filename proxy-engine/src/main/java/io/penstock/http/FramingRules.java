package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/**
 * Content-Length and Transfer-Encoding of one message, RFC 9112 section 6, in the only forms that no two servers read
 * differently: one Content-Length of digits alone, or one Transfer-Encoding that is {@code chunked} alone, in HTTP/1.1.
 */
@WorkerConfined
final class FramingRules {
    private static final int DIGITS_MAX = 19;

    private final Refusal refusal;
    private final Reason badFraming;
    private final Reason badCoding;
    private long contentLength;
    private boolean isChunked;

    FramingRules(Refusal refusal, Reason badFraming, Reason badCoding) {
        this.refusal = refusal;
        this.badFraming = badFraming;
        this.badCoding = badCoding;
    }

    void clear() {
        contentLength = -1;
        isChunked = false;
    }

    long contentLength() {
        return contentLength;
    }

    boolean isChunked() {
        return isChunked;
    }

    /** Takes a Content-Length; a second one is refused, even the same. */
    boolean takeContentLength(byte[] bytes, int offset, int length) {
        if (contentLength >= 0) {
            return refusal.refuse(badFraming, "Content-Length occurs more than once.");
        }
        if (length == 0 || length > DIGITS_MAX) {
            return refusal.refuse(
                    badFraming,
                    "Content-Length is " + Octets.quoted(bytes, offset, length) + "; it must be 1 to 19 digits.");
        }
        long value = 0;
        for (int i = offset; i < offset + length; i++) {
            if (!Octets.isDigit(bytes[i])) {
                return refusal.refuse(
                        badFraming,
                        "Content-Length is " + Octets.quoted(bytes, offset, length) + "; it must be digits alone.");
            }
            value = value * 10 + bytes[i] - '0';
        }
        // 19 digits fit into 63 bits or overflow into the sign, never around it.
        if (value < 0) {
            return refusal.refuse(
                    badFraming,
                    "Content-Length is " + Octets.quoted(bytes, offset, length) + "; it must be below 2^63.");
        }
        contentLength = value;
        return true;
    }

    /** Takes a Transfer-Encoding; a second one is refused. */
    boolean takeTransferEncoding(byte[] bytes, int offset, int length) {
        if (isChunked) {
            return refusal.refuse(badFraming, "Transfer-Encoding occurs more than once.");
        }
        if (Octets.equalsIgnoreCase(bytes, offset, length, "chunked")) {
            isChunked = true;
            return true;
        }
        // One other coding is merely not supported. A list, or no token at all, leaves the framing in doubt.
        boolean isOneToken = length > 0 && Octets.tokenEnd(bytes, offset, offset + length) == offset + length;
        return refusal.refuse(
                isOneToken ? badCoding : badFraming,
                "Transfer-Encoding is " + Octets.quoted(bytes, offset, length) + "; only \"chunked\" is accepted.");
    }

    /** Judges both together, at the end of the head. */
    boolean finish(int minorVersion) {
        if (isChunked && contentLength >= 0) {
            return refusal.refuse(badFraming, "Both Content-Length and Transfer-Encoding are present.");
        }
        if (isChunked && minorVersion == 0) {
            return refusal.refuse(badFraming, "Transfer-Encoding is present in an HTTP/1.0 message.");
        }
        return true;
    }
}

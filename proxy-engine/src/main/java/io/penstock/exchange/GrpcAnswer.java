package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.GrpcFields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.http.StatusReasons;
import java.nio.charset.StandardCharsets;

/**
 * What the gateway itself says to a caller by gRPC. Such a client looks at no HTTP status but at {@code grpc-status}, here in a
 * head without a body ("Trailers-Only": PROTOCOL-HTTP2.md of the gRPC project, section Responses).
 *
 * <p>The status codes are those that the project's http-grpc-status-mapping.md has clients make of HTTP statuses, but where
 * ours is the closer word: a timeout is DEADLINE_EXCEEDED, and what a limit turns away RESOURCE_EXHAUSTED, not UNAVAILABLE.
 */
final class GrpcAnswer {
    private static final int CANCELLED = 1;
    private static final int UNKNOWN = 2;
    private static final int DEADLINE_EXCEEDED = 4;
    private static final int PERMISSION_DENIED = 7;
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final int UNIMPLEMENTED = 12;
    private static final int INTERNAL = 13;
    private static final int UNAVAILABLE = 14;
    private static final int UNAUTHENTICATED = 16;

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private GrpcAnswer() {}

    /** Puts an answer of our own into gRPC's words, if a call is to be answered and it is not in them already. */
    static void shape(RequestHead request, OwnAnswer answer) {
        Fields fields = answer.head().fields();
        if (!GrpcFields.isCall(request) || fields.find("grpc-status") >= 0) {
            return;
        }
        int status = answer.head().status();
        String said = answer.said();
        answer.dropBody();
        ResponseHead head = answer.head();
        head.status(200);
        fields.set("Content-Type", "application/grpc");
        fields.set("grpc-status", Integer.toString(statusOf(status)));
        fields.set("grpc-message", encoded(said.isEmpty() ? StatusReasons.of(status) : said));
    }

    static int statusOf(int httpStatus) {
        return switch (httpStatus) {
            case 400, 500 -> INTERNAL;
            case 401 -> UNAUTHENTICATED;
            case 403 -> PERMISSION_DENIED;
            case 404, 405, 501 -> UNIMPLEMENTED;
            case 408, 504 -> DEADLINE_EXCEEDED;
            case 413, 429, 431 -> RESOURCE_EXHAUSTED;
            case 499 -> CANCELLED;
            case 502, 503 -> UNAVAILABLE;
            default -> UNKNOWN;
        };
    }

    // Percent-encoding of what is not visible ASCII, and of the percent sign.
    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= ' ' && octet < 0x7f && octet != '%') {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append((char) HEX[octet >> 4 & 15]).append((char) HEX[octet & 15]);
            }
        }
        return encoded.toString();
    }
}

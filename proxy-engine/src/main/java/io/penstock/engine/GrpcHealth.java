package io.penstock.engine;

import io.penstock.config.GrpcCheckConfig;
import io.penstock.discovery.HealthCheck.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.net.ssl.SSLSocket;

/**
 * Asks a health service of gRPC once: {@code grpc.health.v1.Health/Check}, GRPC Health Checking Protocol of the gRPC project. Only
 * SERVING is good.
 */
final class GrpcHealth {
    private static final int PREFIX_BYTES = 5;
    /** Field 1, a string with its length; field 1, a number. Protocol Buffers, Encoding. */
    private static final int SERVICE_FIELD = 0x0a;

    private static final int STATUS_FIELD = 0x08;
    private static final int SERVING = 1;
    private static final int NOT_FOUND = 5;
    private static final int UNIMPLEMENTED = 12;

    private GrpcHealth() {}

    static Answer ask(
            Socket socket, GrpcCheckConfig check, String authority, String agent, HealthProber.Deadline deadline)
            throws IOException {
        String[] head = {
            ":method", "POST",
            ":scheme", socket instanceof SSLSocket ? "https" : "http",
            ":authority", check.host().orElse(authority),
            ":path", "/grpc.health.v1.Health/Check",
            "content-type", "application/grpc",
            "te", "trailers",
            "user-agent", agent
        };
        String service = check.service().orElse("");
        return judged(Http2Probe.ask(socket, deadline, head, request(service), false), service);
    }

    private static byte[] request(String service) {
        byte[] name = service.getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        if (name.length > 0) {
            message.write(SERVICE_FIELD);
            // A number in groups of seven bits, the lowest first.
            int length = name.length;
            for (; length >= 0x80; length >>>= 7) {
                message.write(length | 0x80);
            }
            message.write(length);
            message.writeBytes(name);
        }
        byte[] body = new byte[PREFIX_BYTES + message.size()];
        body[3] = (byte) (message.size() >>> 8);
        body[4] = (byte) message.size();
        System.arraycopy(message.toByteArray(), 0, body, PREFIX_BYTES, message.size());
        return body;
    }

    static Answer judged(Http2Probe.Answer answer, String service) {
        if (answer.status() != 200) {
            return new Answer(false, "status " + answer.status() + " of HTTP, and none of gRPC");
        }
        Map<String, String> fields = answer.fields();
        String status = fields.getOrDefault("grpc-status", "");
        if (status.equals("0")) {
            return judged(answer.body());
        }
        if (status.equals(Integer.toString(UNIMPLEMENTED))) {
            return new Answer(
                    false,
                    "UNIMPLEMENTED: the target has no health service of gRPC (grpc.health.v1.Health); add it there, or check by tcp");
        }
        if (status.equals(Integer.toString(NOT_FOUND))) {
            return new Answer(false, "NOT_FOUND: the target knows no service \"" + service + "\"");
        }
        if (!status.matches("[0-9]{1,2}")) {
            return new Answer(false, "its answer has no grpc-status");
        }
        String message = fields.getOrDefault("grpc-message", "");
        return new Answer(false, "grpc-status " + status + (message.isEmpty() ? "" : ": " + shortened(message)));
    }

    private static Answer judged(byte[] body) {
        int status = statusOf(body);
        return switch (status) {
            case 0 -> new Answer(false, "UNKNOWN");
            case SERVING -> new Answer(true, "SERVING");
            case 2 -> new Answer(false, "NOT_SERVING");
            case 3 -> new Answer(false, "SERVICE_UNKNOWN");
            default -> new Answer(false, "its answer is no HealthCheckResponse");
        };
    }

    // One message, not compressed, in which the field is the last one that is there; -1 if it is none.
    private static int statusOf(byte[] body) {
        if (body.length < PREFIX_BYTES || body[0] != 0 || body[1] != 0 || body[2] != 0) {
            return -1;
        }
        int length = (body[3] & 0xff) << 8 | (body[4] & 0xff);
        if (length != body.length - PREFIX_BYTES) {
            return -1;
        }
        int status = 0;
        for (int at = PREFIX_BYTES; at < body.length; at += 2) {
            if (body[at] != STATUS_FIELD || at + 1 == body.length || body[at + 1] < 0) {
                return -1;
            }
            status = body[at + 1];
        }
        return status;
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}

package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A client that trusts no octet: each response must be one message by the grammar, with nothing behind it. */
final class WireClient implements AutoCloseable {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 [2-5][0-9][0-9] [\\x20-\\x7e]*");
    private static final Pattern FIELD =
            Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \\t]?[\\x21-\\x7e\\x80-\\xff]?[\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final int HEAD_MAX = 4 << 20;
    private static final int TIMEOUT_MS = 60_000;

    private final Socket socket;
    private final InputStream input;

    WireClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        input = new BufferedInputStream(socket.getInputStream());
    }

    /** One response, and whether the gateway closes after it. */
    record Reply(int status, List<String> fields, String body, boolean isLast) {
        /** A field's value; empty if it is not there. */
        String field(String name) {
            return fields.stream()
                    .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(field -> field.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    /** Asks with one more field, and reads the response. */
    Reply get(String path, String field) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n");
    }

    Reply send(String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        List<String> head = head();
        assertThat(head.getFirst()).matches(STATUS);
        List<String> fields = head.subList(1, head.size());
        assertThat(fields).allMatch(field -> FIELD.matcher(field).matches(), "a field by the grammar");
        int status = Integer.parseInt(head.getFirst().substring(9, 12));
        List<String> framing = fields.stream()
                .map(field -> field.toLowerCase(Locale.ROOT))
                .filter(field -> field.startsWith("content-length:") || field.startsWith("transfer-encoding:"))
                .toList();
        assertThat(framing).as("%s", head).hasSizeLessThanOrEqualTo(1);
        Reply reply = new Reply(
                status,
                fields,
                status == 204 || status == 304 ? "" : body(framing),
                fields.stream()
                        .anyMatch(field ->
                                field.toLowerCase(Locale.ROOT).replace(" ", "").equals("connection:close")));
        assertThat(input.available()).as("octets behind %s", head).isZero();
        if (reply.isLast()) {
            assertThat(input.read()).as("octets behind %s", head).isNegative();
        }
        return reply;
    }

    private List<String> head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int last4 = 0; last4 != 0x0d0a0d0a && head.size() < HEAD_MAX; ) {
            int octet = input.read();
            if (octet < 0) {
                throw new EOFException("ended after " + head.toString(StandardCharsets.ISO_8859_1));
            }
            head.write(octet);
            last4 = last4 << 8 | octet;
        }
        // Only CR LF parts lines here: what is left of a bare one stays in its line and breaks the grammar.
        String text = head.toString(StandardCharsets.ISO_8859_1);
        return List.of(text.substring(0, text.length() - 4).split("\r\n", -1));
    }

    private String body(List<String> framing) throws IOException {
        if (framing.isEmpty()) {
            return new String(input.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
        String how = framing.getFirst()
                .substring(framing.getFirst().indexOf(':') + 1)
                .strip();
        if (!how.equals("chunked")) {
            return take(Integer.parseInt(how));
        }
        StringBuilder body = new StringBuilder();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            body.append(take(size));
            assertThat(PlainEndpoint.line(input)).isEmpty();
        }
        assertThat(PlainEndpoint.line(input)).as("trailers").isEmpty();
        return body.toString();
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(PlainEndpoint.line(input), 16);
    }

    private String take(int length) throws IOException {
        byte[] bytes = input.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the body ended " + (length - bytes.length) + " octets early");
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

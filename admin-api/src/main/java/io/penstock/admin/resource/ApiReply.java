package io.penstock.admin.resource;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What an endpoint answers.
 *
 * @param status the status
 * @param headers beside Content-Type, Content-Length and what every answer has
 * @param body what follows the head
 */
public record ApiReply(int status, Map<String, String> headers, Body body) {
    /** The content of an answer. */
    public sealed interface Body {}

    /** Nothing. */
    public record None() implements Body {}

    /** Bytes that are all there. */
    public static final class Bytes implements Body {
        private final String contentType;
        private final byte[] content;

        Bytes(String contentType, byte[] content) {
            this.contentType = contentType;
            this.content = content;
        }

        public String contentType() {
            return contentType;
        }

        /** The bytes themselves, not to be changed. */
        public byte[] content() {
            return content;
        }
    }

    /** Bytes that are made while they are sent. */
    public record Stream(String contentType, StreamWriter writer) implements Body {}

    /** Writes a body. */
    @FunctionalInterface
    public interface StreamWriter {
        void write(OutputStream out) throws IOException;
    }

    static ApiReply json(int status, JsonNode body) {
        return new ApiReply(status, Map.of(), new Bytes("application/json", JsonText.write(body)));
    }

    static ApiReply ok(JsonNode body) {
        return json(200, body);
    }

    static ApiReply empty(int status) {
        return new ApiReply(status, Map.of(), new None());
    }

    static ApiReply stream(String contentType, StreamWriter writer) {
        return new ApiReply(200, Map.of(), new Stream(contentType, writer));
    }

    ApiReply with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new ApiReply(status, more, body);
    }

    /** With the number of a revision, and the tag of something that a revision last changed. */
    ApiReply withRevision(long configRevision, long lastChanged) {
        return with("Config-Revision", Long.toString(configRevision)).with("ETag", "\"r" + lastChanged + "\"");
    }
}

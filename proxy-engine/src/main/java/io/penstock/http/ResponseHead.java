package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;

/**
 * The head of one response: its bytes, copied once, and offsets into them. Reused for one response after another.
 * It comes from a parser, or from {@link #start} where Penstock answers itself.
 */
@WorkerConfined
public final class ResponseHead {
    private static final int INITIAL_BYTES = 2048;

    private final ByteBuilder region = new ByteBuilder(INITIAL_BYTES);
    private final Fields fields = new Fields(region);

    int status;
    int reasonOffset;
    int reasonLength;
    int minorVersion;
    long contentLength;
    boolean isChunked;
    boolean isKeepAlive;
    boolean isUpgrade;
    boolean hasVia;
    BodyKind bodyKind = BodyKind.NONE;

    /** How the end of a response's body is found, RFC 9112 section 6.3. */
    public enum BodyKind {
        /** There is no body, whatever the fields say: HEAD, 1xx, 204, 304, a tunnel. */
        NONE,
        /** {@link ResponseHead#contentLength()} bytes follow, perhaps 0. */
        LENGTH,
        /** Chunks follow. */
        CHUNKED,
        /** The body ends with the connection. */
        UNTIL_CLOSE
    }

    /** Makes an empty head. */
    public ResponseHead() {
        clear();
    }

    /** Makes it empty for the next response, and gives unusually large memory back. */
    public void clear() {
        region.clear();
        fields.clear();
        status = 0;
        reasonOffset = reasonLength = 0;
        minorVersion = 1;
        contentLength = -1;
        isChunked = isUpgrade = hasVia = false;
        isKeepAlive = true;
        bodyKind = BodyKind.NONE;
    }

    /**
     * Begins a response of Penstock's own: empty, with a status.
     *
     * @param length of the body in bytes; -1 for a body of unknown length
     */
    public ResponseHead start(int statusCode, long length) {
        clear();
        status = statusCode;
        framing(length, length < 0);
        return this;
    }

    ByteBuilder region() {
        return region;
    }

    /** Becomes a copy of another head, which may end before this one does. */
    public void copyFrom(ResponseHead other) {
        clear();
        status = other.status;
        minorVersion = other.minorVersion;
        contentLength = other.contentLength;
        isChunked = other.isChunked;
        isKeepAlive = other.isKeepAlive;
        isUpgrade = other.isUpgrade;
        hasVia = other.hasVia;
        bodyKind = other.bodyKind;
        reasonOffset = region.length();
        reasonLength = other.reasonLength;
        region.append(other.bytes(), other.reasonOffset, other.reasonLength);
        fields.copyFrom(other.fields);
    }

    /** The bytes that all offsets refer to; replaced by edits. */
    public byte[] bytes() {
        return region.array();
    }

    /** The field lines, all but those that Connection named. */
    public Fields fields() {
        return fields;
    }

    /** The status code, 100 to 999. */
    public int status() {
        return status;
    }

    /** Whether it announces a final response: 1xx but not 101. */
    public boolean isInformational() {
        return status < 200 && status != 101;
    }

    /** Where the reason phrase begins. */
    public int reasonOffset() {
        return reasonOffset;
    }

    /** How long the reason phrase is; 0 where the writer shall choose it. */
    public int reasonLength() {
        return reasonLength;
    }

    /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
    public int minorVersion() {
        return minorVersion;
    }

    /** The declared length in bytes, or -1; for HEAD and 304 the length of a body that does not follow. */
    public long contentLength() {
        return contentLength;
    }

    /** Whether chunks were declared. */
    public boolean isChunked() {
        return isChunked;
    }

    /** How the end of the body is found. */
    public BodyKind bodyKind() {
        return bodyKind;
    }

    /** Whether a body follows that has at least one byte, as far as the head tells. */
    public boolean hasBody() {
        return bodyKind != BodyKind.NONE && !(bodyKind == BodyKind.LENGTH && contentLength == 0);
    }

    /** Whether the connection it came on may carry another exchange after its body. */
    public boolean isKeepAlive() {
        return isKeepAlive;
    }

    /** Whether it is a 101 that names a protocol: the connection is a tunnel from here. */
    public boolean isUpgrade() {
        return isUpgrade;
    }

    /**
     * Says how the body goes on to the client.
     *
     * @param length in bytes, or -1; not together with chunks
     */
    public void framing(long length, boolean chunked) {
        if (length < -1 || (length >= 0 && chunked)) {
            throw new IllegalArgumentException("length " + length + " with chunked " + chunked);
        }
        contentLength = length;
        isChunked = chunked;
        bodyKind = chunked ? BodyKind.CHUNKED : length >= 0 ? BodyKind.LENGTH : BodyKind.UNTIL_CLOSE;
    }

    /** Whether {@code Via: 1.1 penstock} is appended when it is written. Default no. */
    public void via(boolean isWritten) {
        hasVia = isWritten;
    }

    /** Whether a response of this status can have a body at all. */
    boolean mayHaveBody() {
        return status >= 200 && status != 204 && status != 304;
    }

    /** Puts another status in place; its reason phrase becomes the standard one. */
    public void status(int statusCode) {
        status = statusCode;
        reasonLength = 0;
    }

    /** One line for messages and debuggers. */
    @Override
    public String toString() {
        return status + " " + new String(region.array(), reasonOffset, reasonLength, StandardCharsets.ISO_8859_1);
    }
}

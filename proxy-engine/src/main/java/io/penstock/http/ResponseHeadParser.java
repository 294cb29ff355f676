package io.penstock.http;

import io.penstock.http.ResponseHead.BodyKind;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * Reads the heads of an upstream's responses with the same distrust as those of clients' requests, RFC 9112.
 *
 * <p>Use: {@link #reset} with what was asked, then {@link #feed} until {@link #state()} is no longer
 * {@link ParseState#NEEDS_MORE}. After a 1xx other than 101 reset it again for the head that follows.
 */
@WorkerConfined
public final class ResponseHeadParser extends HeadParser {
    private static final byte[] PREFIX = "HTTP/".getBytes(StandardCharsets.US_ASCII);
    private static final int STATUS_AT = 9;
    private static final int LINE_LEAST = 12;
    private static final long WATCHED = KnownField.CONTENT_LENGTH.bit() | KnownField.TRANSFER_ENCODING.bit();

    private final FramingRules framing = new FramingRules(refusal, Reason.UPSTREAM_PROTOCOL, Reason.UPSTREAM_PROTOCOL);
    private final ConnectionOptions connection = new ConnectionOptions(refusal, Reason.UPSTREAM_PROTOCOL);
    private ResponseHead head = new ResponseHead();
    private Method requestMethod = Method.GET;
    private boolean isUpgradeSent;

    /** Makes a parser for one connection. */
    public ResponseHeadParser(HeadLimits limits) {
        super(limits, Reason.UPSTREAM_PROTOCOL, Reason.UPSTREAM_HEAD_TOO_LARGE, Reason.UPSTREAM_HEAD_TOO_LARGE);
    }

    /**
     * Prepares for the next head.
     *
     * @param method of the request that it answers, which decides whether a body follows
     * @param wasUpgradeSent whether the request asked for another protocol; else a 101 is refused
     */
    public void reset(Method method, boolean wasUpgradeSent) {
        begin();
        requestMethod = method;
        isUpgradeSent = wasUpgradeSent;
    }

    /**
     * Takes bytes in, up to the end of the head.
     *
     * @param into the head, the same for all calls until it is complete; cleared before its first byte
     * @return how many bytes were taken: all of them, unless the head is complete or refused
     */
    public int feed(DirectBuffer source, int offset, int length, ResponseHead into) {
        head = into;
        return feed(source, offset, length, into.region(), into.fields());
    }

    @Override
    void clearHead() {
        head.clear();
        framing.clear();
    }

    @Override
    boolean startLineBegins(byte[] bytes, int start, int end) {
        for (int i = 0; i < Math.min(PREFIX.length, end - start); i++) {
            if (bytes[start + i] != PREFIX[i]) {
                return refuse("The answer begins with " + Octets.named(bytes[start + i]) + " at offset " + i
                        + " where \"HTTP/\" is expected.");
            }
        }
        return true;
    }

    @Override
    int startLine(byte[] bytes, int start, int end) {
        if (!startLineBegins(bytes, start, end)) {
            return REFUSED;
        }
        int lineEnd = Octets.indexOfControl(bytes, start, end);
        while (lineEnd < end && bytes[lineEnd] == '\t') {
            lineEnd = Octets.indexOfControl(bytes, lineEnd + 1, end);
        }
        if (lineEnd == end || (bytes[lineEnd] == '\r' && lineEnd + 1 == end)) {
            return INCOMPLETE;
        }
        if (bytes[lineEnd] != '\r' || bytes[lineEnd + 1] != '\n') {
            if (Octets.indexOf(bytes, lineEnd, end, (byte) '\n') == end) {
                return INCOMPLETE;
            }
            refuse("The status line holds " + Octets.named(bytes[lineEnd]) + " at offset " + (lineEnd - start) + ".");
            return REFUSED;
        }
        if (!readStatus(bytes, start, lineEnd)) {
            refuse("The status line is " + Octets.quoted(bytes, start, lineEnd - start)
                    + "; HTTP/1.1 or HTTP/1.0, a status of three digits and a reason are expected.");
            return REFUSED;
        }
        beginFields();
        return lineEnd + 2;
    }

    private boolean readStatus(byte[] bytes, int start, int lineEnd) {
        int length = lineEnd - start;
        // The space behind the status belongs to the grammar, but servers without a reason often leave it out.
        if (length < LINE_LEAST || (length > LINE_LEAST && bytes[start + LINE_LEAST] != ' ')) {
            return false;
        }
        byte minor = bytes[start + 7];
        if (bytes[start + 5] != '1'
                || bytes[start + 6] != '.'
                || bytes[start + 8] != ' '
                || minor < '0'
                || minor > '1') {
            return false;
        }
        int status = 0;
        for (int i = start + STATUS_AT; i < start + LINE_LEAST; i++) {
            if (!Octets.isDigit(bytes[i])) {
                return false;
            }
            status = status * 10 + bytes[i] - '0';
        }
        head.minorVersion = minor - '0';
        head.status = status;
        head.reasonOffset = start + Math.min(LINE_LEAST + 1, length);
        head.reasonLength = lineEnd - head.reasonOffset;
        return status >= 100;
    }

    @Override
    boolean field(Fields fields, int known) {
        return (1L << known & WATCHED) == 0 || watched(fields, KnownField.at(known));
    }

    private boolean watched(Fields fields, KnownField known) {
        int index = fields.count() - 1;
        int offset = fields.valueOffset(index);
        int length = fields.valueLength(index);
        return known == KnownField.CONTENT_LENGTH
                ? framing.takeContentLength(fields.bytes(), offset, length)
                : framing.takeTransferEncoding(fields.bytes(), offset, length);
    }

    @Override
    boolean finish() {
        Fields fields = head.fields();
        if (!framing.finish(head.minorVersion) || !connection.read(fields)) {
            return false;
        }
        head.contentLength = framing.contentLength();
        head.isChunked = framing.isChunked();
        head.isUpgrade = head.status == 101;
        if (head.isUpgrade && !(isUpgradeSent && connection.hasUpgrade() && fields.mayHave(KnownField.UPGRADE))) {
            return refuse(
                    isUpgradeSent
                            ? "The answer is 101 without Upgrade and Connection: upgrade."
                            : "The answer is 101, but no upgrade was asked for.");
        }
        head.bodyKind = bodyKind();
        head.isKeepAlive = connection.isKeepAlive(head.minorVersion) && head.bodyKind != BodyKind.UNTIL_CLOSE;
        return true;
    }

    // RFC 9112 section 6.3, in its order.
    private BodyKind bodyKind() {
        int status = head.status;
        boolean isTunnel = requestMethod == Method.CONNECT && status >= 200 && status < 300;
        if (requestMethod == Method.HEAD || status < 200 || status == 204 || status == 304 || isTunnel) {
            return BodyKind.NONE;
        }
        if (head.isChunked) {
            return BodyKind.CHUNKED;
        }
        return head.contentLength >= 0 ? BodyKind.LENGTH : BodyKind.UNTIL_CLOSE;
    }

    private boolean refuse(String detail) {
        return refusal.refuse(Reason.UPSTREAM_PROTOCOL, detail);
    }
}

package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * Reads HTTP/1.1 and HTTP/1.0 request heads, RFC 9112, strictly: what two servers might read differently is refused.
 *
 * <p>Use: {@link #feed} until {@link #state()} is no longer {@link ParseState#NEEDS_MORE}; then {@link #reset()} for
 * the next head of the connection. Allocates nothing but for refusals.
 */
@WorkerConfined
public final class RequestHeadParser extends HeadParser {
    private static final int EMPTY_LINES_MAX = 4;
    private static final int VERSION_BYTES = 8;
    private static final long HTTP_1_1 = word("HTTP/1.1");
    private static final long HTTP_1_0 = word("HTTP/1.0");
    private static final long HTTP_2_0 = word("HTTP/2.0");
    private static final long WATCHED = KnownField.HOST.bit()
            | KnownField.CONTENT_LENGTH.bit()
            | KnownField.TRANSFER_ENCODING.bit()
            | KnownField.EXPECT.bit();

    private final FramingRules framing =
            new FramingRules(refusal, Reason.BAD_FRAMING, Reason.UNSUPPORTED_TRANSFER_CODING);
    private final ConnectionOptions connection = new ConnectionOptions(refusal, Reason.BAD_FIELD);
    private final TargetRules target = new TargetRules(refusal);
    private RequestHead head = new RequestHead();
    private int hostIndex;
    private boolean hasExpect;
    private int emptyLines;

    /** Makes a parser for one connection. */
    public RequestHeadParser(HeadLimits limits) {
        super(limits, Reason.BAD_FIELD, Reason.HEAD_TOO_LARGE, Reason.URI_TOO_LONG);
        reset();
    }

    /** The bounds it holds heads to. */
    public HeadLimits limits() {
        return limits;
    }

    /** Prepares for the next head. */
    public void reset() {
        begin();
    }

    /**
     * Takes bytes in, up to the end of the head.
     *
     * @param into the head, the same for all calls until it is complete; cleared before its first byte
     * @return how many bytes were taken: all of them, unless the head is complete or refused
     */
    public int feed(DirectBuffer source, int offset, int length, RequestHead into) {
        head = into;
        return feed(source, offset, length, into.region(), into.fields());
    }

    @Override
    void clearHead() {
        head.clear();
        framing.clear();
        hostIndex = -1;
        hasExpect = false;
        emptyLines = 0;
    }

    @Override
    boolean startLineBegins(byte[] bytes, int start, int end) {
        return methodEnd(bytes, start, end) != REFUSED;
    }

    // The index of the space behind the method, INCOMPLETE or REFUSED.
    private int methodEnd(byte[] bytes, int start, int end) {
        int at = Octets.tokenEnd(bytes, start, Math.min(end, start + Method.BYTES_MAX + 1));
        if (at - start > Method.BYTES_MAX) {
            return refuse(Reason.BAD_REQUEST_LINE, "The method has more than " + Method.BYTES_MAX + " characters.");
        }
        if (at == end) {
            return INCOMPLETE;
        }
        if (bytes[at] != ' ' || at == start) {
            return refuse(Reason.BAD_REQUEST_LINE, methodProblem(bytes[at], at - start));
        }
        return at;
    }

    private static String methodProblem(byte octet, int at) {
        if (at == 0 && octet == 0x16) {
            return "The first octet is 0x16, which begins a TLS handshake; this listener speaks plain HTTP.";
        }
        return "The request line has " + Octets.named(octet) + " at offset " + at + ", where the method is expected.";
    }

    @Override
    int startLine(byte[] bytes, int start, int end) {
        if (bytes[start] == '\r' && emptyLines < EMPTY_LINES_MAX) {
            if (start + 1 == end) {
                return INCOMPLETE;
            }
            if (bytes[start + 1] == '\n') {
                emptyLines++;
                return start + 2;
            }
        }
        int methodEnd = methodEnd(bytes, start, end);
        if (methodEnd < 0) {
            return methodEnd;
        }
        int targetStart = methodEnd + 1;
        int targetEnd = Octets.indexOfInvisible(bytes, targetStart, end);
        int versionStart = targetEnd + 1;
        boolean isWhole = versionStart + VERSION_BYTES + 2 <= end;
        if (targetEnd == targetStart || !isWhole || bytes[targetEnd] != ' ' || !isVersion(bytes, versionStart)) {
            return Octets.indexOf(bytes, methodEnd, end, (byte) '\n') == end
                    ? INCOMPLETE
                    : refuseLine(bytes, start, targetStart, targetEnd, end);
        }
        head.methodOffset = start;
        head.methodLength = methodEnd - start;
        head.method = Method.of(bytes, start, head.methodLength);
        head.targetOffset = targetStart;
        head.targetLength = targetEnd - targetStart;
        if (!target.readTarget(head)) {
            return REFUSED;
        }
        beginFields();
        return versionStart + VERSION_BYTES + 2;
    }

    private boolean isVersion(byte[] bytes, int at) {
        long word = Octets.getLong(bytes, at);
        if (word == HTTP_1_1) {
            head.minorVersion = 1;
        } else if (word == HTTP_1_0) {
            head.minorVersion = 0;
        } else {
            return false;
        }
        return bytes[at + VERSION_BYTES] == '\r' && bytes[at + VERSION_BYTES + 1] == '\n';
    }

    private int refuseLine(byte[] bytes, int start, int targetStart, int targetEnd, int end) {
        if (targetEnd == targetStart) {
            return refuse(
                    Reason.BAD_REQUEST_LINE,
                    "The request line has " + Octets.named(bytes[targetEnd]) + " where the target is expected.");
        }
        if (bytes[targetEnd] == '\r' || bytes[targetEnd] == '\n') {
            return refuse(Reason.BAD_REQUEST_LINE, "The request line has no version.");
        }
        if (bytes[targetEnd] != ' ') {
            return refuse(
                    Reason.BAD_REQUEST_LINE,
                    "The target holds " + Octets.named(bytes[targetEnd]) + " at offset " + (targetEnd - targetStart)
                            + ".");
        }
        int version = targetEnd + 1;
        int lineEnd = Octets.indexOf(bytes, version, end, (byte) '\n');
        boolean isVersionShaped = lineEnd - version == VERSION_BYTES + 1
                && Octets.quoted(bytes, version, VERSION_BYTES).matches("\"HTTP/[0-9]\\.[0-9]\"")
                && bytes[lineEnd - 1] == '\r';
        if (!isVersionShaped) {
            boolean isBareLineFeed = lineEnd == version || bytes[lineEnd - 1] != '\r';
            return refuse(
                    Reason.BAD_REQUEST_LINE,
                    isBareLineFeed
                            ? "A bare LF ends the request line."
                            : "The request line ends with " + Octets.quoted(bytes, version, lineEnd - 1 - version)
                                    + " where HTTP/1.1 is expected.");
        }
        boolean isPreface = Octets.getLong(bytes, version) == HTTP_2_0
                && targetEnd - targetStart == 1
                && bytes[targetStart] == '*'
                && Octets.equalsIgnoreCase(bytes, start, targetStart - 1 - start, "pri");
        return isPreface
                ? refuse(Reason.HTTP2_UNAVAILABLE, "The connection begins with the preface of HTTP/2.")
                : refuse(
                        Reason.UNSUPPORTED_VERSION,
                        "The version is " + Octets.quoted(bytes, version, VERSION_BYTES)
                                + "; HTTP/1.1 and HTTP/1.0 are spoken.");
    }

    private int refuse(Reason reason, String detail) {
        refusal.refuse(reason, detail);
        return REFUSED;
    }

    @Override
    boolean field(Fields fields, int known) {
        return (1L << known & WATCHED) == 0 || watched(fields, KnownField.at(known));
    }

    private boolean watched(Fields fields, KnownField known) {
        int index = fields.count() - 1;
        int offset = fields.valueOffset(index);
        int length = fields.valueLength(index);
        if (known == KnownField.HOST) {
            if (hostIndex >= 0) {
                return refusal.refuse(Reason.BAD_HOST, "Host occurs more than once.");
            }
            hostIndex = index;
            return target.readHost(fields.bytes(), offset, length);
        }
        if (known == KnownField.CONTENT_LENGTH) {
            return framing.takeContentLength(fields.bytes(), offset, length);
        }
        if (known == KnownField.TRANSFER_ENCODING) {
            return framing.takeTransferEncoding(fields.bytes(), offset, length);
        }
        if (hasExpect || !fields.valueEqualsIgnoreCase(index, "100-continue")) {
            return refusal.refuse(
                    Reason.EXPECTATION_FAILED,
                    "Expect is " + Octets.quoted(fields.bytes(), offset, length)
                            + "; only 100-continue, once, is met.");
        }
        hasExpect = true;
        return true;
    }

    @Override
    boolean finish() {
        Fields fields = head.fields();
        if (!framing.finish(head.minorVersion)) {
            return false;
        }
        head.contentLength = framing.contentLength();
        head.isChunked = framing.isChunked();
        int host = hostIndex;
        int hostOffset = host < 0 ? 0 : fields.valueOffset(host);
        int hostLength = host < 0 ? -1 : fields.valueLength(host);
        if (!target.finish(head, hostOffset, hostLength) || !connection.read(fields)) {
            return false;
        }
        head.isKeepAlive = connection.isKeepAlive(head.minorVersion);
        // RFC 9110 sections 10.1.1 and 7.8: neither means anything in HTTP/1.0.
        head.expectsContinue = hasExpect && head.minorVersion == 1;
        // A tunnel for h2c or TLS would carry requests that nobody here checks, so that upgrade is never passed on.
        head.isUpgrade = connection.hasUpgrade()
                && head.minorVersion == 1
                && fields.mayHave(KnownField.UPGRADE)
                && !UpgradeField.namesUnheeded(fields);
        head.takesTrailers = fields.mayHave(KnownField.TE) && ListElements.has(fields, KnownField.TE, "trailers");
        return true;
    }

    private static long word(String text) {
        return Octets.getLong(text.getBytes(StandardCharsets.US_ASCII), 0);
    }
}

package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Makes a request's fields, as HTTP/2 brings them, into the head that HTTP/1 would have made, RFC 9113 section 8.3, or
 * refuses them: pseudo-fields first and once, Host and {@code :authority} alike, no framing but the stream's own. A CONNECT that
 * names its protocol (RFC 8441) becomes the GET with an Upgrade that it stands for.
 *
 * <p>Use: {@link #begin}, decode into {@link #region()}, {@link #field} for each field, {@link #finish}. What is malformed
 * ({@link #isMalformed()}) is an error of the stream; what is only not acceptable gets an answer like any other.
 */
@WorkerConfined
public final class Http2RequestRules {
    private static final long WATCHED =
            KnownField.HOST.bit() | KnownField.CONTENT_LENGTH.bit() | KnownField.EXPECT.bit();
    private static final byte[] COOKIE = {'c', 'o', 'o', 'k', 'i', 'e', ':', ' '};
    private static final String UPGRADE = "upgrade: ";
    private static final String GET = "GET";

    private static final int METHOD = 0;
    private static final int SCHEME = 1;
    private static final int AUTHORITY = 2;
    private static final int PATH = 3;
    private static final int PROTOCOL = 4;
    private static final int PSEUDO_FIELDS = 5;

    private final Refusal refusal = new Refusal();
    private final Http2FieldRules rules = new Http2FieldRules(refusal, Reason.BAD_FIELD);
    private final FramingRules framing =
            new FramingRules(refusal, Reason.BAD_FRAMING, Reason.UNSUPPORTED_TRANSFER_CODING);
    private final TargetRules target = new TargetRules(refusal);
    private final Authority authority = new Authority();
    private final Authority host = new Authority();
    // Where each pseudo-field's value lies; a length of -1 where it has not come.
    private final int[] offsets = new int[PSEUDO_FIELDS];
    private final int[] lengths = new int[PSEUDO_FIELDS];
    private HeadLimits limits = HeadLimits.DEFAULT;
    private @Nullable RequestHead present;
    private int hostIndex;
    private int cookies;
    private boolean hasExpect;
    private boolean isMalformed;
    private boolean isTooLarge;

    /** Empties a head and begins to fill it. */
    public void begin(RequestHead into, HeadLimits bounds) {
        into.clear();
        present = into;
        limits = bounds;
        refusal.clear();
        framing.clear();
        for (int i = 0; i < PSEUDO_FIELDS; i++) {
            lengths[i] = -1;
        }
        hostIndex = -1;
        cookies = 0;
        hasExpect = false;
        isMalformed = false;
        isTooLarge = false;
    }

    /** What the head's octets are decoded into. */
    public ByteBuilder region() {
        return head().region();
    }

    public Reason reason() {
        return refusal.reason();
    }

    /** What was found, for the log and the refusal's body. */
    public String detail() {
        return refusal.detail();
    }

    /** Whether what was refused breaks the grammar of HTTP/2 messages, rather than being merely unwanted. */
    public boolean isMalformed() {
        return isMalformed;
    }

    private RequestHead head() {
        RequestHead filled = present;
        if (filled == null) {
            throw new IllegalStateException("no head was begun");
        }
        return filled;
    }

    /** Takes the next field; after one that is refused the others are of no interest. */
    public void field(int nameOffset, int nameLength, int valueOffset, int valueLength) {
        if (refusal.isRefused()) {
            return;
        }
        Fields fields = head().fields();
        if (nameLength > 0 && fields.bytes()[nameOffset] == ':') {
            isMalformed = !pseudoField(fields, nameOffset, nameLength, valueOffset, valueLength);
            return;
        }
        if (fields.count() == limits.headFields()) {
            tooLarge("The head has more than " + limits.headFields() + " fields.");
            return;
        }
        int known = rules.take(fields, nameOffset, nameLength, valueOffset, valueLength);
        if (known < 0) {
            isMalformed = true;
        } else if ((1L << known & WATCHED) != 0) {
            watched(fields, KnownField.at(known), valueOffset, valueLength);
        } else if (known == KnownField.COOKIE.id()) {
            cookies++;
        }
    }

    private boolean pseudoField(Fields fields, int nameOffset, int nameLength, int valueOffset, int valueLength) {
        byte[] bytes = fields.bytes();
        if (fields.count() > 0) {
            return refusal.refuse(Reason.BAD_FIELD, "A pseudo-field comes behind a field.");
        }
        int which = pseudoField(bytes, nameOffset, nameLength);
        if (which < 0) {
            return refusal.refuse(
                    Reason.BAD_FIELD,
                    "The pseudo-field " + Octets.quoted(bytes, nameOffset, nameLength) + " is none of a request.");
        }
        if (lengths[which] >= 0) {
            return refusal.refuse(
                    Reason.BAD_FIELD,
                    "The pseudo-field " + Octets.quoted(bytes, nameOffset, nameLength) + " occurs more than once.");
        }
        if (Octets.indexOfInvisible(bytes, valueOffset, valueOffset + valueLength) < valueOffset + valueLength) {
            return refusal.refuse(
                    Reason.BAD_FIELD,
                    "The pseudo-field " + Octets.quoted(bytes, nameOffset, nameLength)
                            + " holds an octet that is not visible ASCII.");
        }
        offsets[which] = valueOffset;
        lengths[which] = valueLength;
        return true;
    }

    private static int pseudoField(byte[] bytes, int offset, int length) {
        // Compared exactly: in upper case it is none.
        return switch (length) {
            case 5 -> is(bytes, offset, ":path") ? PATH : -1;
            case 7 -> is(bytes, offset, ":method") ? METHOD : is(bytes, offset, ":scheme") ? SCHEME : -1;
            case 9 -> is(bytes, offset, ":protocol") ? PROTOCOL : -1;
            case 10 -> is(bytes, offset, ":authority") ? AUTHORITY : -1;
            default -> -1;
        };
    }

    private static boolean is(byte[] bytes, int offset, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (bytes[offset + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void watched(Fields fields, KnownField known, int offset, int length) {
        byte[] bytes = fields.bytes();
        if (known == KnownField.HOST) {
            if (hostIndex >= 0) {
                isMalformed = true;
                refusal.refuse(Reason.BAD_HOST, "Host occurs more than once.");
            }
            hostIndex = fields.count() - 1;
        } else if (known == KnownField.CONTENT_LENGTH) {
            isMalformed = !framing.takeContentLength(bytes, offset, length);
        } else if (hasExpect || !Octets.equalsIgnoreCase(bytes, offset, length, "100-continue")) {
            refusal.refuse(
                    Reason.EXPECTATION_FAILED,
                    "Expect is " + Octets.quoted(bytes, offset, length) + "; only 100-continue, once, is met.");
        } else {
            hasExpect = true;
        }
    }

    /** The head is larger than its bound, however well it is made. */
    public void tooLarge(String detail) {
        if (!isTooLarge) {
            isTooLarge = true;
            refusal.refuse(Reason.HEAD_TOO_LARGE, detail);
        }
    }

    /**
     * Judges the whole head.
     *
     * @param hasBody whether the stream goes on behind it
     * @return whether it is acceptable
     */
    public boolean finish(boolean hasBody) {
        if (refusal.isRefused()) {
            return false;
        }
        RequestHead head = head();
        isMalformed = true;
        if (!takeMethod(head) || !takeFraming(head, hasBody)) {
            return false;
        }
        boolean isExtended = lengths[PROTOCOL] >= 0;
        if (isExtended && head.method != Method.CONNECT) {
            return refusal.refuse(
                    Reason.BAD_FIELD, "The pseudo-field :protocol stands in another request than CONNECT.");
        }
        if (isExtended) {
            becomeGet(head);
        }
        boolean isConnect = head.method == Method.CONNECT;
        if (isConnect ? !takeConnect(head) : !takeTarget(head)) {
            return false;
        }
        isMalformed = false;
        head.minorVersion = 1;
        boolean hasAuthority = lengths[AUTHORITY] >= 0;
        if (!hasAuthority && hostIndex < 0) {
            return refusal.refuse(Reason.BAD_HOST, "Neither :authority nor Host names a host.");
        }
        int hostOffset = hasAuthority ? offsets[AUTHORITY] : head.fields().valueOffset(hostIndex);
        int hostLength = hasAuthority ? lengths[AUTHORITY] : head.fields().valueLength(hostIndex);
        if (!target.readHost(head.bytes(), hostOffset, hostLength) || !agree(head)) {
            return false;
        }
        if (!target.finish(head, hostOffset, hostLength)) {
            return false;
        }
        if (cookies > 1) {
            joinCookies(head.fields());
        }
        head.expectsContinue = hasExpect && hasBody;
        head.takesTrailers = head.fields().mayHave(KnownField.TE);
        return !isExtended || becomeUpgrade(head, hasBody);
    }

    private void becomeGet(RequestHead head) {
        head.method = Method.GET;
        head.methodOffset = region().length();
        head.methodLength = GET.length();
        region().append(GET);
    }

    // RFC 8441 section 4. Its stream is the tunnel to be, so that nothing of it is a body.
    private boolean becomeUpgrade(RequestHead head, boolean hasBody) {
        if (!Octets.equalsIgnoreCase(head.bytes(), offsets[PROTOCOL], lengths[PROTOCOL], UpgradeField.WEBSOCKET)) {
            return refusal.refuse(
                    Reason.BAD_UPGRADE,
                    "CONNECT asks for " + Octets.quoted(head.bytes(), offsets[PROTOCOL], lengths[PROTOCOL])
                            + "; over HTTP/2 only \"websocket\" passes.");
        }
        if (!hasBody || framing.contentLength() >= 0) {
            return refusal.refuse(
                    Reason.BAD_UPGRADE, "CONNECT asks for a WebSocket, and has a length or ends with its head.");
        }
        ByteBuilder region = region();
        int nameOffset = region.length();
        region.append(UPGRADE);
        int valueOffset = region.length();
        region.append(UpgradeField.WEBSOCKET);
        head.fields().append(nameOffset, UPGRADE.length() - 2, valueOffset, UpgradeField.WEBSOCKET.length(), false);
        head.isUpgrade = true;
        head.isExtendedConnect = true;
        head.isChunked = false;
        head.expectsContinue = false;
        return true;
    }

    private boolean takeMethod(RequestHead head) {
        byte[] bytes = head.bytes();
        head.methodOffset = offsets[METHOD];
        head.methodLength = lengths[METHOD];
        if (lengths[METHOD] < 0) {
            return refusal.refuse(Reason.BAD_REQUEST_LINE, "The pseudo-field :method is missing.");
        }
        int end = head.methodOffset + head.methodLength;
        if (head.methodLength == 0
                || head.methodLength > Method.BYTES_MAX
                || Octets.tokenEnd(bytes, head.methodOffset, end) != end) {
            return refusal.refuse(
                    Reason.BAD_REQUEST_LINE, "The method is no token of at most " + Method.BYTES_MAX + " characters.");
        }
        head.method = Method.of(bytes, head.methodOffset, head.methodLength);
        return true;
    }

    // RFC 9113 section 8.1.1. Without a declared length the body goes to HTTP/1 in chunks.
    private boolean takeFraming(RequestHead head, boolean hasBody) {
        head.contentLength = framing.contentLength();
        head.isChunked = hasBody && head.contentLength < 0;
        return hasBody
                || head.contentLength <= 0
                || refusal.refuse(
                        Reason.BAD_FRAMING,
                        "Content-Length is " + head.contentLength + ", and the stream ends with the head.");
    }

    private boolean takeTarget(RequestHead head) {
        if (lengths[SCHEME] < 0 || lengths[PATH] <= 0) {
            return refusal.refuse(
                    Reason.BAD_REQUEST_LINE,
                    "The pseudo-field " + (lengths[SCHEME] < 0 ? ":scheme" : ":path") + " is missing or empty.");
        }
        byte[] bytes = head.bytes();
        if (!Octets.equalsIgnoreCase(bytes, offsets[SCHEME], lengths[SCHEME], "http")
                && !Octets.equalsIgnoreCase(bytes, offsets[SCHEME], lengths[SCHEME], "https")) {
            return refusal.refuse(Reason.BAD_REQUEST_LINE, "The scheme is neither http nor https.");
        }
        head.targetOffset = offsets[PATH];
        head.targetLength = lengths[PATH];
        boolean isAsterisk = lengths[PATH] == 1 && bytes[offsets[PATH]] == '*';
        if (bytes[offsets[PATH]] != '/' && !isAsterisk) {
            return refusal.refuse(Reason.BAD_REQUEST_LINE, "The pseudo-field :path is not a path.");
        }
        return target.readTarget(head);
    }

    private boolean takeConnect(RequestHead head) {
        if (lengths[SCHEME] >= 0 || lengths[PATH] >= 0 || lengths[AUTHORITY] < 0) {
            return refusal.refuse(Reason.BAD_REQUEST_LINE, "CONNECT has :authority and neither :scheme nor :path.");
        }
        head.targetOffset = offsets[AUTHORITY];
        head.targetLength = lengths[AUTHORITY];
        return target.readTarget(head);
    }

    // RFC 9113 section 8.3.1: both name the same host and, the scheme's default standing for none, the same port.
    private boolean agree(RequestHead head) {
        if (hostIndex < 0 || lengths[AUTHORITY] < 0) {
            return true;
        }
        byte[] bytes = head.bytes();
        int hostOffset = head.fields().valueOffset(hostIndex);
        boolean areAlike = authority.read(bytes, offsets[AUTHORITY], lengths[AUTHORITY])
                && host.read(bytes, hostOffset, head.fields().valueLength(hostIndex))
                && authority.hostLength() == host.hostLength()
                && portOf(authority) == portOf(host);
        for (int i = 0; areAlike && i < host.hostLength(); i++) {
            areAlike = Octets.lower(bytes[offsets[AUTHORITY] + i]) == Octets.lower(bytes[hostOffset + i]);
        }
        return areAlike || refusal.refuse(Reason.BAD_HOST, "Host differs from :authority.");
    }

    private int portOf(Authority named) {
        // The scheme is http or https, as its length tells.
        return named.port() >= 0 ? named.port() : lengths[SCHEME] == "https".length() ? 443 : 80;
    }

    // RFC 9113 section 8.2.3: HTTP/1 has one Cookie.
    private void joinCookies(Fields fields) {
        ByteBuilder region = fields.region();
        int nameOffset = region.length();
        region.append(COOKIE);
        int valueOffset = region.length();
        for (int i = fields.find(KnownField.COOKIE); i >= 0; i = fields.find(KnownField.COOKIE)) {
            if (region.length() > valueOffset) {
                region.append((byte) ';').append((byte) ' ');
            }
            region.append(fields.bytes(), fields.valueOffset(i), fields.valueLength(i));
            fields.remove(i);
        }
        fields.append(nameOffset, COOKIE.length - 2, valueOffset, region.length() - valueOffset, false);
    }
}

package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;

/**
 * Writes the fields that tell the upstream where a request came from. What the peer claims is believed only where it is
 * trusted: then X-Forwarded-For and Forwarded are appended to and X-Forwarded-Proto and -Host are left as they are.
 * A field that a filter set goes before all of this.
 */
@WorkerConfined
final class ForwardingFields {
    /** Claims of a trusted peer that are passed on as they are. Forwarded is among them unless we append to it. */
    static final long KEPT_IF_TRUSTED = KnownField.X_FORWARDED_PROTO.bit() | KnownField.X_FORWARDED_HOST.bit();

    private static final byte[] FOR = ascii("X-Forwarded-For: ");
    private static final byte[] HOST = ascii("X-Forwarded-Host: ");
    private static final byte[] HTTP = ascii("X-Forwarded-Proto: http\r\n");
    private static final byte[] HTTPS = ascii("X-Forwarded-Proto: https\r\n");
    private static final byte[] FORWARDED = ascii("Forwarded: ");
    private static final byte[] REQUEST_ID = ascii("X-Request-Id: ");
    private static final byte[] END = ascii("\r\n");

    /** @param kept bits of the fields that are written already */
    void write(RequestHead head, long kept, ByteBuilder into) {
        Forwarding forwarding = head.forwarding();
        if (forwarding.isOwn) {
            return;
        }
        Fields fields = head.fields();
        if (forwarding.peerLength > 0 && (kept & KnownField.X_FORWARDED_FOR.bit()) == 0) {
            into.append(FOR);
            received(fields, KnownField.X_FORWARDED_FOR, forwarding.isPeerTrusted, into);
            into.append(forwarding.peer, 0, forwarding.peerLength).append(END);
        }
        if ((kept & KnownField.X_FORWARDED_PROTO.bit()) == 0) {
            into.append(forwarding.isSecure ? HTTPS : HTTP);
        }
        if ((kept & KnownField.X_FORWARDED_HOST.bit()) == 0 && head.receivedAuthorityLength > 0) {
            into.append(HOST)
                    .appendShort(head.bytes(), head.receivedAuthorityOffset, head.receivedAuthorityLength)
                    .append(END);
        }
        if ((kept & KnownField.FORWARDED.bit()) == 0) {
            forwarded(head, into);
        }
        if (forwarding.requestIdLength > 0 && (kept & KnownField.X_REQUEST_ID.bit()) == 0) {
            into.append(REQUEST_ID)
                    .append(forwarding.requestId, forwarding.requestIdOffset, forwarding.requestIdLength)
                    .append(END);
        }
        LoopMark loopMark = forwarding.loopMark;
        if (loopMark != null) {
            into.append(loopMark.line());
        }
    }

    // RFC 7239. Without the wish to write it, a trusted peer's is passed on.
    private static void forwarded(RequestHead head, ByteBuilder into) {
        Forwarding forwarding = head.forwarding();
        boolean hasReceived = forwarding.isPeerTrusted && head.fields().find(KnownField.FORWARDED) >= 0;
        boolean isAppended = forwarding.hasForwarded && forwarding.peerLength > 0;
        if (!hasReceived && !isAppended) {
            return;
        }
        into.append(FORWARDED);
        received(head.fields(), KnownField.FORWARDED, hasReceived, into);
        if (isAppended) {
            boolean isV6 =
                    Octets.indexOf(forwarding.peer, 0, forwarding.peerLength, (byte) ':') < forwarding.peerLength;
            into.append(isV6 ? "for=\"[" : "for=").append(forwarding.peer, 0, forwarding.peerLength);
            into.append(isV6 ? "]\"" : "").append(forwarding.isSecure ? ";proto=https" : ";proto=http");
            if (head.receivedAuthorityLength > 0) {
                into.append(";host=\"")
                        .append(head.bytes(), head.receivedAuthorityOffset, head.receivedAuthorityLength)
                        .append('"');
            }
        } else {
            into.length(into.length() - 2);
        }
        into.append(END);
    }

    // Appends the values received, each followed by a comma and a space.
    private static void received(Fields fields, KnownField field, boolean isTrusted, ByteBuilder into) {
        if (!isTrusted) {
            return;
        }
        for (int i = fields.find(field); i >= 0; i = fields.find(field, i + 1)) {
            if (fields.valueLength(i) > 0) {
                into.append(fields.bytes(), fields.valueOffset(i), fields.valueLength(i));
                into.append((byte) ',').append((byte) ' ');
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;

/**
 * What of a request's head leaves by HTTP/2. Whatever {@link HeadWriter} decides about fields and makes anew holds here too:
 * its lines are taken apart again, without those that frame and bind a connection of HTTP/1 (RFC 9113 section 8.2.2).
 */
@WorkerConfined
public final class Http2RequestFields {
    private static final long DROPPED = KnownField.CONNECTION.bit()
            | KnownField.TRANSFER_ENCODING.bit()
            | KnownField.UPGRADE.bit()
            | KnownField.KEEP_ALIVE.bit();

    // RFC 8441: an upgrade is a CONNECT that names its protocol, and shows no key.
    private static final byte[] CONNECT = "CONNECT".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PROTOCOL = (":protocol" + UpgradeField.WEBSOCKET).getBytes(StandardCharsets.US_ASCII);
    private static final int PROTOCOL_NAME_BYTES = ":protocol".length();

    // Requests bear no Date, so this one is never told the time.
    private final HeadWriter writer = new HeadWriter(new HttpDate());
    private final ByteBuilder text = new ByteBuilder(2048);

    /** Gives the authority as the field Host, after method and target, then the other fields. */
    public void write(RequestHead head, RequestSink sink) {
        text.clear();
        writer.request(head, text);
        byte[] bytes = text.array();
        int end = text.length();
        int methodEnd = Octets.indexOf(bytes, 0, end, (byte) ' ');
        int targetEnd = Octets.indexOf(bytes, methodEnd + 1, end, (byte) ' ');
        boolean isConnect = head.forwarding().isUpgrade();
        if (isConnect) {
            sink.method(CONNECT, 0, CONNECT.length);
        } else {
            sink.method(bytes, 0, methodEnd);
        }
        sink.target(bytes, methodEnd + 1, targetEnd - methodEnd - 1);
        if (isConnect) {
            sink.field(PROTOCOL, 0, PROTOCOL_NAME_BYTES, PROTOCOL_NAME_BYTES, PROTOCOL.length - PROTOCOL_NAME_BYTES);
        }
        int at = Octets.indexOf(bytes, targetEnd, end, (byte) '\n') + 1;
        while (at < end && bytes[at] != '\r') {
            int lineEnd = Octets.indexOf(bytes, at, end, (byte) '\n') - 1;
            int colon = Octets.indexOf(bytes, at, lineEnd, (byte) ':');
            if (!isConnect || !Octets.equalsIgnoreCase(bytes, at, colon - at, WebSocketKey.KEY)) {
                field(bytes, at, colon - at, Math.min(colon + 2, lineEnd), lineEnd, sink);
            }
            at = lineEnd + 2;
        }
    }

    private static void field(
            byte[] bytes, int nameOffset, int nameLength, int valueOffset, int valueEnd, RequestSink sink) {
        KnownField known = KnownField.at(FieldNames.idOf(bytes, nameOffset, nameLength));
        if (known == KnownField.OTHER) {
            sink.field(bytes, nameOffset, nameLength, valueOffset, valueEnd - valueOffset);
        } else if ((known.bit() & DROPPED) == 0) {
            sink.text(known, bytes, valueOffset, valueEnd - valueOffset);
        }
    }
}

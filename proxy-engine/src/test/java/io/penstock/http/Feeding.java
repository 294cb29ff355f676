package io.penstock.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Feeds raw bytes to a parser in pieces and tells everything that came of it as one text, to be compared. */
final class Feeding {
    static final HeadLimits LIMITS = new HeadLimits(8192, 50);

    private Feeding() {}

    /** What a request parser makes of the bytes, cut at those indexes. */
    static String request(byte[] bytes, int... cuts) {
        RequestHeadParser parser = new RequestHeadParser(LIMITS);
        RequestHead head = new RequestHead();
        int taken = 0;
        int from = 0;
        for (int i = 0; i <= cuts.length && parser.state() == ParseState.NEEDS_MORE; i++) {
            int to = i < cuts.length ? cuts[i] : bytes.length;
            // An array that ends with the piece: a parser that looks beyond it would be found out.
            UnsafeBuffer piece = new UnsafeBuffer(Arrays.copyOfRange(bytes, from, to));
            taken += parser.feed(piece, 0, to - from, head);
            from = to;
        }
        return outcome(parser, taken) + (parser.state() == ParseState.COMPLETE ? describe(head) : "");
    }

    /** What a response parser makes of the bytes, cut at those indexes, after a GET with Upgrade. */
    static String response(byte[] bytes, int... cuts) {
        ResponseHeadParser parser = new ResponseHeadParser(LIMITS);
        parser.reset(Method.GET, true);
        ResponseHead head = new ResponseHead();
        int taken = 0;
        int from = 0;
        for (int i = 0; i <= cuts.length && parser.state() == ParseState.NEEDS_MORE; i++) {
            int to = i < cuts.length ? cuts[i] : bytes.length;
            UnsafeBuffer piece = new UnsafeBuffer(Arrays.copyOfRange(bytes, from, to));
            taken += parser.feed(piece, 0, to - from, head);
            from = to;
        }
        return outcome(parser, taken) + (parser.state() == ParseState.COMPLETE ? describe(head) : "");
    }

    /** What a decoder makes of the bytes, cut at those indexes. */
    static String chunked(byte[] bytes, int... cuts) {
        ChunkedDecoder decoder = ChunkedDecoder.ofRequests();
        StringBuilder payload = new StringBuilder();
        int taken = 0;
        int from = 0;
        for (int i = 0; i <= cuts.length && decoder.state() == ParseState.NEEDS_MORE; i++) {
            int to = i < cuts.length ? cuts[i] : bytes.length;
            UnsafeBuffer piece = new UnsafeBuffer(Arrays.copyOfRange(bytes, from, to));
            int at = 0;
            while (at < to - from && decoder.state() == ParseState.NEEDS_MORE) {
                at += decoder.next(piece, at, to - from - at);
                for (int j = 0; j < decoder.payloadLength(); j++) {
                    payload.append((char) (piece.getByte(decoder.payloadOffset() + j) & 0xff));
                }
            }
            taken += at;
            from = to;
        }
        boolean isRefused = decoder.state() == ParseState.REFUSED;
        return (isRefused ? decoder.reason().code() + " " + decoder.detail() : decoder.state() + " " + taken) + "\n"
                + payload + "\n" + (isRefused ? "" : fields(decoder.trailers()));
    }

    private static String outcome(HeadParser parser, int taken) {
        // How much of a refused head was taken means nothing: the connection ends.
        return parser.state() == ParseState.REFUSED
                ? parser.reason().code() + " " + parser.detail()
                : parser.state() + " " + taken + "\n";
    }

    static String describe(RequestHead head) {
        return head.methodToken() + " " + head.method() + " " + head.targetForm() + " path " + head.path() + " slash "
                + head.hasEncodedSlash() + " query " + head.hasQuery() + " " + head.query() + " host " + head.host()
                + " port " + head.port() + " authority " + head.authority() + " minor " + head.minorVersion()
                + " length "
                + head.contentLength() + " chunked " + head.isChunked() + " keep " + head.isKeepAlive() + " expect "
                + head.expectsContinue() + " upgrade " + head.isUpgrade() + " trailers " + head.takesTrailers() + "\n"
                + fields(head.fields());
    }

    static String describe(ResponseHead head) {
        return head + " minor " + head.minorVersion() + " length " + head.contentLength() + " chunked "
                + head.isChunked() + " body " + head.bodyKind() + " keep " + head.isKeepAlive() + " upgrade "
                + head.isUpgrade() + "\n" + fields(head.fields());
    }

    static String fields(Fields fields) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < fields.count(); i++) {
            lines.add(fields.name(i) + "(" + fields.known(i) + "): " + fields.value(i));
        }
        return String.join("\n", lines);
    }
}

package io.penstock.http;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** Raw messages for tests: parsed heads from texts. */
public final class Messages {
    private Messages() {}

    /** The bytes of a text, one for each character. */
    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A text block with the line ends of HTTP. */
    public static String crlf(String text) {
        return text.replace("\n", "\r\n");
    }

    /** A buffer over the bytes of a text. */
    public static UnsafeBuffer buffer(String text) {
        return new UnsafeBuffer(bytes(text));
    }

    /**
     * A parsed request.
     *
     * @param text with the line ends of HTTP or of a text block
     * @throws AssertionError if it is not complete
     */
    public static RequestHead request(String text) {
        String raw = text.contains("\r") ? text : crlf(text);
        RequestHead head = new RequestHead();
        RequestHeadParser parser = new RequestHeadParser(HeadLimits.DEFAULT);
        parser.feed(buffer(raw), 0, raw.length(), head);
        if (parser.state() != ParseState.COMPLETE) {
            throw new AssertionError(parser.state() + ": " + parser.detail());
        }
        return head;
    }

    /**
     * A parsed response to a GET.
     *
     * @param text with the line ends of HTTP or of a text block
     * @throws AssertionError if it is not complete
     */
    public static ResponseHead response(String text) {
        String raw = text.contains("\r") ? text : crlf(text);
        ResponseHead head = new ResponseHead();
        ResponseHeadParser parser = new ResponseHeadParser(HeadLimits.DEFAULT);
        parser.reset(Method.GET, false);
        parser.feed(buffer(raw), 0, raw.length(), head);
        if (parser.state() != ParseState.COMPLETE) {
            throw new AssertionError(parser.state() + ": " + parser.detail());
        }
        return head;
    }
}

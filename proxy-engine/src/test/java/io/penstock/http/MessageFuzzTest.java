package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What holds for any bytes at all. In an ordinary build each target runs over the corpus once; with
 * {@code -Pfuzz} one of them is fuzzed.
 */
class MessageFuzzTest {
    @FuzzTest
    void requestHead(byte[] bytes) {
        String whole = Feeding.request(bytes);

        assertThat(Feeding.request(bytes, bytes.length / 2)).isEqualTo(whole);
        RequestHeadParser parser = new RequestHeadParser(Feeding.LIMITS);
        RequestHead head = new RequestHead();
        parser.feed(new UnsafeBuffer(bytes), 0, bytes.length, head);
        // An HTTP/1.0 request may name no host, and what is written from it is then no request of a client's.
        if (parser.state() == ParseState.COMPLETE && head.authorityLength() > 0) {
            ByteBuilder first = written(head);
            RequestHead again = new RequestHead();
            RequestHeadParser second = new RequestHeadParser(HeadLimits.DEFAULT);
            second.feed(new UnsafeBuffer(first.array()), 0, first.length(), again);
            assertThat(second.state()).as(second.detail()).isEqualTo(ParseState.COMPLETE);
            again.forwarding().peerTrusted(true);
            assertThat(written(again).toString()).isEqualTo(first.toString());
        }
    }

    private static ByteBuilder written(RequestHead head) {
        ByteBuilder out = new ByteBuilder(64);
        new HeadWriter(new HttpDate()).request(head, out);
        return out;
    }

    @FuzzTest
    void responseHead(byte[] bytes) {
        assertThat(Feeding.response(bytes, bytes.length / 2)).isEqualTo(Feeding.response(bytes));
    }

    @FuzzTest
    void chunkedBody(byte[] bytes) {
        assertThat(Feeding.chunked(bytes, bytes.length / 2)).isEqualTo(Feeding.chunked(bytes));
    }

    @FuzzTest
    void canonicalPath(byte[] bytes) {
        byte[] padded = Arrays.copyOf(bytes, bytes.length + ByteBuilder.SLACK);
        CanonicalPath path = new CanonicalPath();
        if (!path.read(padded, 0, bytes.length)) {
            assertThat(path.problem()).isNotEmpty();
            return;
        }
        String canonical =
                new String(path.isUnchanged() ? bytes : path.bytes(), 0, path.length(), StandardCharsets.US_ASCII);

        assertThat(CanonicalPath.of(canonical)).isEqualTo(canonical);
        assertThat(canonical).startsWith("/").matches("[!-~]+").doesNotContain("//", "\\", "#", "%00", "?");
        assertThat(canonical.split("/", -1)).doesNotContain(".", "..");
    }
}

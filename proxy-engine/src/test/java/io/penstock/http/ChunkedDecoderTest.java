package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.metrics.Reason;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ChunkedDecoderTest {
    private final ChunkedDecoder decoder = ChunkedDecoder.ofRequests();

    @Test
    void findsEachRunOfPayloadInPlace() {
        UnsafeBuffer body = Messages.buffer("..5\r\nhello\r\n0\r\n\r\n");

        int taken = decoder.next(body, 2, body.capacity() - 2);

        assertThat(taken).isEqualTo(8);
        assertThat(decoder.payloadOffset()).isEqualTo(5);
        assertThat(decoder.payloadLength()).isEqualTo(5);
        assertThat(decoder.payloadBytes()).isEqualTo(5);
    }

    @Test
    void seesPayloadThatWasGivenBackAgain() {
        UnsafeBuffer body = Messages.buffer("5\r\nhello\r\n0\r\n\r\n");

        int taken = decoder.next(body, 0, body.capacity());
        decoder.giveBack(3);
        int rest = decoder.next(body, taken - 3, body.capacity() - taken + 3);

        assertThat(rest).isEqualTo(3);
        assertThat(decoder.payloadOffset()).isEqualTo(5);
        assertThat(decoder.payloadLength()).isEqualTo(3);
        assertThat(decoder.payloadBytes()).isEqualTo(5);
        assertThatThrownBy(() -> decoder.giveBack(4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsTrailersAndDropsThoseThatDoNotBelongThere() {
        UnsafeBuffer body = Messages.buffer("0\r\nX-Sum: 1\r\nCookie: x\r\nX-More: 2\r\n\r\n");

        decoder.next(body, 0, body.capacity());

        assertThat(decoder.state()).isEqualTo(ParseState.COMPLETE);
        assertThat(Feeding.fields(decoder.trailers())).isEqualTo("X-Sum(OTHER): 1\nX-More(OTHER): 2");
    }

    @Test
    void refusesTrailersOfClientsThatFrame() {
        UnsafeBuffer body = Messages.buffer("0\r\nX-Sum: 1\r\nContent-Length: 7\r\n\r\n");

        decoder.next(body, 0, body.capacity());

        assertThat(decoder.state()).isEqualTo(ParseState.REFUSED);
        assertThat(decoder.reason()).isEqualTo(Reason.BAD_FIELD);
    }

    @Test
    void dropsTrailersOfEndpointsThatFrame() {
        ChunkedDecoder ofResponses = ChunkedDecoder.ofResponses();
        UnsafeBuffer body = Messages.buffer(
                "0\r\nContent-Length: 7\r\nX-Sum: 1\r\nTransfer-Encoding: chunked\r\nHost: a\r\nTrailer: b\r\n\r\n");

        ofResponses.next(body, 0, body.capacity());

        assertThat(ofResponses.state()).isEqualTo(ParseState.COMPLETE);
        assertThat(Feeding.fields(ofResponses.trailers())).isEqualTo("X-Sum(OTHER): 1");
    }

    @Test
    void forgetsOneBodyBeforeTheNext() {
        UnsafeBuffer first = Messages.buffer("0\r\nX-Sum: 1\r\n\r\n");
        UnsafeBuffer second = Messages.buffer("0\r\n\r\n");

        decoder.next(first, 0, first.capacity());
        decoder.reset();
        decoder.next(second, 0, second.capacity());

        assertThat(decoder.state()).isEqualTo(ParseState.COMPLETE);
        assertThat(decoder.trailers().count()).isZero();
    }

    @Test
    void namesTheUpstreamForWhatTheUpstreamSent() {
        ChunkedDecoder ofResponses = ChunkedDecoder.ofResponses();

        ofResponses.next(Messages.buffer("x\r\n"), 0, 3);

        assertThat(ofResponses.reason()).isEqualTo(Reason.UPSTREAM_PROTOCOL);
        assertThat(ofResponses.detail()).isEqualTo("A chunk begins with 'x' where its size is expected.");
    }

    @Test
    void letsLargeChunksPayForTheirFraming() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            text.append("400;")
                    .append("e".repeat(200))
                    .append("\r\n")
                    .append("x".repeat(1024))
                    .append("\r\n");
        }
        UnsafeBuffer body = Messages.buffer(text + "0\r\n\r\n");

        int at = 0;
        while (decoder.state() == ParseState.NEEDS_MORE) {
            at += decoder.next(body, at, body.capacity() - at);
        }

        assertThat(decoder.state()).isEqualTo(ParseState.COMPLETE);
        assertThat(decoder.payloadBytes()).isEqualTo(2000 * 1024);
    }

    @Test
    void readsBackWhatTheFramingWrites() {
        long seed = 4711;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            ByteBuilder out = new ByteBuilder(16);
            byte[] payload = new byte[random.nextInt(1, 5000)];
            random.nextBytes(payload);
            for (int at = 0, size; at < payload.length; at += size) {
                size = Math.min(1 + random.nextInt(700), payload.length - at);
                ChunkFraming.begin(size, out);
                out.append(payload, at, size);
                ChunkFraming.end(out);
            }
            Fields trailers = new Fields();
            trailers.add("X-Round", round);
            ChunkFraming.last(trailers, out);

            String outcome = Feeding.chunked(Messages.bytes(out.toString()), out.length() / 3);

            assertThat(outcome)
                    .as("round %d, seed %d", round, seed)
                    .startsWith("COMPLETE " + out.length() + "\n")
                    .contains(new String(payload, StandardCharsets.ISO_8859_1))
                    .endsWith("\nX-Round(OTHER): " + round);
        }
    }
}

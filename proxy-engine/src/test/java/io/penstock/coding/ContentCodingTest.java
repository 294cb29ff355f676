package io.penstock.coding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentCodingTest {
    private static final long SEED = 20_261_121;

    // Half text, half noise, so that both compressed and stored blocks come.
    private static byte[] body(int length) {
        byte[] body = new byte[length];
        new Random(SEED).nextBytes(body);
        for (int i = 0; i < length / 2; i++) {
            body[i] = (byte) ('a' + (body[i] & 7));
        }
        return body;
    }

    private static byte[] decode(ContentCoding coding, byte[] coded, int step) throws CodingException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (BodyDecoder decoder = new BodyDecoder(coding)) {
            for (int at = 0; at < coded.length; ) {
                UnsafeBuffer part = new UnsafeBuffer(Arrays.copyOfRange(coded, at, Math.min(coded.length, at + step)));
                for (int fed = 0; fed < part.capacity(); ) {
                    fed += decoder.feed(part, fed, part.capacity() - fed);
                    drain(decoder, plain);
                }
                at += part.capacity();
            }
            decoder.end();
        }
        return plain.toByteArray();
    }

    private static void drain(BodyDecoder decoder, ByteArrayOutputStream plain) throws CodingException {
        for (byte[] next = decoder.next(); next.length > 0; next = decoder.next()) {
            plain.writeBytes(next);
        }
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(coded)) {
            gzip.write(body);
        }
        return coded.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void givesBackWhatWasEncoded(ContentCoding coding) throws CodingException {
        for (int length : new int[] {0, 1, 100, 16_384, 16_385, 300_000}) {
            byte[] body = body(length);
            byte[] coded = WholeBody.encoded(coding, body);

            assertThat(decode(coding, coded, 7_000)).isEqualTo(body);
            assertThat(WholeBody.decoded(coding, coded, length)).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesPartsThatEndAnywhere(ContentCoding coding) throws CodingException {
        byte[] body = body(3_000);

        assertThat(decode(coding, WholeBody.encoded(coding, body), 1)).isEqualTo(body);
    }

    @ParameterizedTest
    @EnumSource
    void letsOutWhatItHasWhenFlushed(ContentCoding coding) throws CodingException {
        byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (Encoder encoder = coding.newEncoder();
                BodyDecoder decoder = new BodyDecoder(coding)) {
            encoder.encode(new UnsafeBuffer(hello), 0, hello.length, coded::writeBytes);
            encoder.flush(coded::writeBytes);
            decoder.feed(new UnsafeBuffer(coded.toByteArray()), 0, coded.size());
            drain(decoder, plain);
        }

        assertThat(plain.toByteArray()).isEqualTo(hello);
    }

    @ParameterizedTest
    @EnumSource
    void refusesABodyThatIsCutOff(ContentCoding coding) {
        byte[] coded = WholeBody.encoded(coding, body(50_000));

        assertThatThrownBy(() -> decode(coding, Arrays.copyOf(coded, coded.length - 1), 9_000))
                .isInstanceOf(CodingException.class);
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsNotCodedSo(ContentCoding coding) {
        byte[] text = "<html>this is no coded body at all, however long one looks at it</html>"
                .getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> decode(coding, text, 100)).isInstanceOf(CodingException.class);
    }

    @ParameterizedTest
    @EnumSource
    void takesNoByteForAnEmptyBody(ContentCoding coding) throws CodingException {
        assertThat(decode(coding, new byte[0], 1)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givesUpABombEarly(ContentCoding coding) {
        byte[] bomb = WholeBody.encoded(coding, new byte[64 << 20]);
        long[] plain = {0};

        assertThatThrownBy(() -> {
                    try (BodyDecoder decoder = new BodyDecoder(coding)) {
                        UnsafeBuffer source = new UnsafeBuffer(bomb);
                        for (int fed = 0; fed < bomb.length; ) {
                            fed += decoder.feed(source, fed, bomb.length - fed);
                            for (byte[] next = decoder.next(); next.length > 0; next = decoder.next()) {
                                plain[0] += next.length;
                            }
                        }
                    }
                })
                .isInstanceOfSatisfying(
                        CodingException.class,
                        given -> assertThat(given.isRatio()).isTrue());
        assertThat(plain[0]).isBetween(1L << 19, 3L << 20);
    }

    @ParameterizedTest
    @EnumSource
    void stopsAWholeBodyAtItsBound(ContentCoding coding) throws CodingException {
        byte[] coded = WholeBody.encoded(coding, body(200_000));

        assertThat(WholeBody.decoded(coding, coded, 1_000)).hasSizeBetween(1_001, 40_000);
    }

    @Nested
    class OfGzip {
        @Test
        void readsMembersOneAfterAnother() throws IOException, CodingException {
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.writeBytes(gzip("one ".getBytes(StandardCharsets.UTF_8)));
            both.writeBytes(gzip("two".getBytes(StandardCharsets.UTF_8)));

            assertThat(decode(ContentCoding.GZIP, both.toByteArray(), 5))
                    .asString()
                    .isEqualTo("one two");
        }

        @Test
        void readsAHeaderWithAllItsOptions() throws IOException, CodingException {
            byte[] plain = gzip("body".getBytes(StandardCharsets.UTF_8));
            ByteArrayOutputStream coded = new ByteArrayOutputStream();
            coded.write(plain, 0, 3);
            coded.write(2 | 4 | 8 | 16);
            coded.write(plain, 4, 6);
            coded.writeBytes(new byte[] {3, 0, 'x', 'y', 'z'});
            coded.writeBytes("name\0comment\0".getBytes(StandardCharsets.UTF_8));
            coded.writeBytes(new byte[] {0, 0});
            coded.write(plain, 10, plain.length - 10);

            assertThat(decode(ContentCoding.GZIP, coded.toByteArray(), 1))
                    .asString()
                    .isEqualTo("body");
        }

        @Test
        void refusesAWrongChecksum() throws IOException {
            byte[] coded = gzip("body".getBytes(StandardCharsets.UTF_8));
            coded[coded.length - 6] ^= 1;

            assertThatThrownBy(() -> decode(ContentCoding.GZIP, coded, 100)).hasMessageContaining("checksum");
        }

        @Test
        void refusesWhatFollowsItsEnd() throws IOException {
            byte[] coded = Arrays.copyOf(gzip("body".getBytes(StandardCharsets.UTF_8)), 40);

            assertThatThrownBy(() -> decode(ContentCoding.GZIP, coded, 100)).isInstanceOf(CodingException.class);
        }

        @Test
        void writesWhatOthersRead() throws IOException {
            byte[] body = body(100_000);

            byte[] coded = WholeBody.encoded(ContentCoding.GZIP, body);

            assertThat(new GZIPInputStream(new ByteArrayInputStream(coded)).readAllBytes())
                    .isEqualTo(body);
        }
    }

    @Test
    void readsBareDeflateData() throws IOException, CodingException {
        byte[] body = body(40_000);
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (DeflaterOutputStream bare = new DeflaterOutputStream(coded, new Deflater(6, true))) {
            bare.write(body);
        }

        assertThat(decode(ContentCoding.DEFLATE, coded.toByteArray(), 1)).isEqualTo(body);
    }

    @ParameterizedTest
    @CsvSource({"gzip, GZIP", "x-gzip, GZIP", "' GZip ', GZIP", "deflate, DEFLATE", "br, BROTLI", "zstd, ZSTD"})
    void knowsACodingByItsName(String value, ContentCoding coding) {
        assertThat(ContentCoding.of(value)).isEqualTo(coding);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "identity", "compress", "gzip, br", "dcb"})
    void knowsNoOther(String value) {
        assertThat(ContentCoding.of(value)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip, br;q=0.5, zstd | gzip, br;q=0.5, zstd",
                "compress, gzip | gzip",
                "* | identity",
                "dcb, *;q=0.1 | identity",
                "'' | identity",
                "identity;q=0, br | identity;q=0, br"
            })
    void leavesOfWhatAClientAcceptsOnlyWhatItKnows(String accepted, String left) {
        assertThat(ContentCoding.acceptable(accepted)).isEqualTo(left);
    }
}

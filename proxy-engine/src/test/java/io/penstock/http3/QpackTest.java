package io.penstock.http3;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.http.ByteBuilder;
import io.penstock.http.KnownField;
import io.penstock.http2.FieldText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Field compression by the examples of RFC 9204 appendix B, against itself, and against what is hostile. */
final class QpackTest {
    private static final int MUCH = 1 << 20;

    private final QpackDecoder decoder = new QpackDecoder();

    private String decode(byte[] section, int bytesMax) {
        FieldText fields = new FieldText();
        return fields.of(decoder.decode(section, 0, section.length, fields.region, bytesMax, fields));
    }

    private String decode(String hex) {
        return decode(HexFormat.of().parseHex(hex.replace(" ", "")), MUCH);
    }

    @Test
    void readsTheExampleThatNeedsNoTable() {
        assertThat(decode("0000 510b 2f69 6e64 6578 2e68 746d 6c")).isEqualTo(":path=/index.html");
    }

    @Test
    void readsIndexedFieldsAndHuffmansCode() {
        assertThat(decode("0000 d1 d7 508cf1e3c2e5f23a6ba0ab90f4ff c1"))
                .isEqualTo(":method=GET :scheme=https :authority=www.example.com :path=/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                // Needs an entry of a table that was never allowed.
                "0381 10 11",
                // A base below none of them.
                "0080 d1",
                "0000 80",
                "0000 10",
                "0000 ff80ffffff7f",
                // Beyond the static table.
                "0000 ff24",
                // A name, and no value; a value that is not whole.
                "0000 21 61",
                "0000 21 61 05 62",
                "0000 2f",
            })
    void refusesWhatIsBroken(String hex) {
        assertThat(decode(hex)).isEqualTo("refused");
    }

    @Test
    void tellsNoFieldBeyondTheBound() {
        assertThat(decode(HexFormat.of().parseHex("0000d1d7c1"), 50)).isEqualTo(":method=GET");
        assertThat(decoder.isTooLarge()).isTrue();
        assertThat(decode(HexFormat.of().parseHex("0000d1"), 50)).isEqualTo(":method=GET");
        assertThat(decoder.isTooLarge()).isFalse();
    }

    @Test
    void writesWhatItReads() {
        ByteBuilder out = new ByteBuilder(16);
        QpackEncoder encoder = new QpackEncoder();
        byte[] text = "X-Shop: blue".getBytes(StandardCharsets.US_ASCII);

        encoder.begin(out);
        encoder.status(200);
        encoder.status(418);
        encoder.number(KnownField.CONTENT_LENGTH, 1234567890123L);
        encoder.text(KnownField.SET_COOKIE, text, 8, 4);
        encoder.text(KnownField.TRACEPARENT, text, 8, 4);
        encoder.field(text, 0, 6, 8, 4);

        assertThat(decode(Arrays.copyOf(out.array(), out.length()), MUCH))
                .isEqualTo(":status=200 :status=418 content-length=1234567890123 set-cookie=blue traceparent=blue"
                        + " x-shop=blue");
    }

    @ParameterizedTest
    @CsvSource({
        // As RFC 9204 sections 4.5.4 and 4.5.6 have it: with the name's number, or with the name.
        "COOKIE, 0x20, true",
        "PROXY_AUTHORIZATION, 0x10, true",
        "CONTENT_LENGTH, 0x20, false",
        "TRACEPARENT, 0x10, false",
    })
    void marksWhatIsSecretAsNeverToBeRemembered(KnownField field, int bit, boolean isMarked) {
        ByteBuilder out = new ByteBuilder(16);
        QpackEncoder encoder = new QpackEncoder();

        encoder.begin(out);
        encoder.text(field, new byte[] {'1'}, 0, 1);

        assertThat((out.array()[2] & bit) != 0).isEqualTo(isMarked);
    }

    @Test
    void survivesNoise() {
        Random random = new Random(9204);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            if (noise.length > 2) {
                noise[0] = 0;
                noise[1] = 0;
            }
            decode(noise, 200);
        }
    }
}

package io.penstock.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LineBufferTest {
    private static final int WORDS_AND_MORE = 27;

    private final LineBuffer line = new LineBuffer();

    private String text() {
        return new String(line.bytes(), 0, line.length(), UTF_8);
    }

    /** Text is looked at in words of eight bytes, so that what stands where in a word must make no difference. */
    @Test
    void escapesEveryByteAtEveryPlace() {
        for (int octet = 0; octet < 128; octet++) {
            String escaped = octet == '"' || octet == '\\'
                    ? "\\" + (char) octet
                    : octet < 0x20 || octet == 0x7f ? String.format("\\u%04x", octet) : String.valueOf((char) octet);
            for (int length = 1; length < WORDS_AND_MORE; length++) {
                for (int at = 0; at < length; at++) {
                    byte[] source = new byte[length + 2];
                    Arrays.fill(source, (byte) 'x');
                    source[at + 1] = (byte) octet;
                    line.clear();
                    line.json(source, 1, length);

                    assertThat(text()).isEqualTo("x".repeat(at) + escaped + "x".repeat(length - at - 1));
                }
            }
        }
    }

    /** A word that is read goes past the end of the text, perhaps into one that a worker is writing. */
    @Test
    void showsNothingOfWhatLiesBehindAText() {
        for (int length = 1; length < WORDS_AND_MORE; length++) {
            byte[] source = new byte[length + 2 * Long.BYTES];
            Arrays.fill(source, (byte) '"');
            Arrays.fill(source, 0, length, (byte) 'x');
            line.clear();
            line.json(source, 0, length).put('|').plain(source, 0, length).put('|');

            assertThat(text()).isEqualTo("x".repeat(length) + "|" + "x".repeat(length) + "|");
        }
    }

    @Test
    void escapesEveryByteAtEveryPlaceOfAPlainText() {
        for (int octet = 0; octet < 256; octet++) {
            boolean isEscaped = octet == '"' || octet == '\\' || octet < 0x20 || octet >= 0x7f;
            String shown = isEscaped ? String.format("\\x%02x", octet) : String.valueOf((char) octet);
            for (int length = 1; length < WORDS_AND_MORE; length++) {
                for (int at = 0; at < length; at++) {
                    byte[] source = new byte[length];
                    Arrays.fill(source, (byte) 'x');
                    source[at] = (byte) octet;
                    line.clear();
                    line.plain(source, 0, length);

                    assertThat(text()).isEqualTo("x".repeat(at) + shown + "x".repeat(length - at - 1));
                }
            }
        }
    }

    @Test
    void writesPiecesOfAnyLength() {
        StringBuilder wanted = new StringBuilder();
        for (int i = 0; i < 5 * LinePiece.BYTES_MAX; i++) {
            String piece = "abcdefghijklmnopqrstuvwxyz".substring(0, i % (LinePiece.BYTES_MAX + 1));
            wanted.append(piece).append('|');
            line.put(LinePiece.of(piece)).put('|');
        }

        assertThat(text()).isEqualTo(wanted.toString());
    }

    @Test
    void refusesAPieceThatIsTooLong() {
        assertThatIllegalArgumentException().isThrownBy(() -> LinePiece.of("a".repeat(LinePiece.BYTES_MAX + 1)));
    }

    @Test
    void keepsWhatIsNotAsciiBehindWholeWords() {
        byte[] source = "/straße/über/ß".getBytes(UTF_8);

        line.json(source, 0, source.length);

        assertThat(text()).isEqualTo("/straße/über/ß");
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                9,
                10,
                11,
                99,
                100,
                101,
                999,
                1000,
                1009,
                12_345,
                999_999,
                1_000_999,
                1_000_000,
                987_654_321,
                Integer.MAX_VALUE,
                10_000_000_000L,
                Long.MAX_VALUE,
                -1,
                -10,
                -100,
                Long.MIN_VALUE
            })
    void writesNumbers(long value) {
        line.number(value);

        assertThat(text()).isEqualTo(Long.toString(value));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 999, 12_300, 100_000, 999_999})
    void writesSixDigits(int value) {
        line.sixDigits(value);

        assertThat(text()).isEqualTo(String.format("%06d", value));
    }
}

package io.penstock.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.http.ByteBuilder;
import io.penstock.http.KnownField;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Header compression by the examples of RFC 7541 appendix C, against itself, and against what is hostile. */
final class HpackTest {
    private static final int MUCH = 1 << 20;

    private final HpackDecoder decoder = new HpackDecoder();

    private String decode(String hex) {
        return decode(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private String decode(byte[] block) {
        FieldText fields = new FieldText();
        return fields.of(decoder.decode(block, 0, block.length, fields.region, MUCH, fields));
    }

    @Nested
    class OfTheStandard {
        @Test
        void readsRequestsWithoutHuffmanCoding() {
            assertThat(decode("828684410f7777772e6578616d706c652e636f6d"))
                    .isEqualTo(":method=GET :scheme=http :path=/ :authority=www.example.com");
            assertThat(decode("828684be58086e6f2d6361636865"))
                    .isEqualTo(":method=GET :scheme=http :path=/ :authority=www.example.com cache-control=no-cache");
            assertThat(decode("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"))
                    .isEqualTo(":method=GET :scheme=https :path=/index.html :authority=www.example.com"
                            + " custom-key=custom-value");
        }

        @Test
        void readsRequestsWithHuffmanCoding() {
            assertThat(decode("828684418cf1e3c2e5f23a6ba0ab90f4ff"))
                    .isEqualTo(":method=GET :scheme=http :path=/ :authority=www.example.com");
            assertThat(decode("828684be5886a8eb10649cbf"))
                    .isEqualTo(":method=GET :scheme=http :path=/ :authority=www.example.com cache-control=no-cache");
            assertThat(decode("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"))
                    .isEqualTo(":method=GET :scheme=https :path=/index.html :authority=www.example.com"
                            + " custom-key=custom-value");
        }

        @Test
        void readsResponsesWhoseEntriesLeaveATableOf256Octets() {
            // The example's first block with the size of its table before it.
            assertThat(decode("3fe101" + "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff"
                            + "6e919d29ad171863c78f0b97c8e9ae82ae43d3"))
                    .isEqualTo(":status=302 cache-control=private date=Mon, 21 Oct 2013 20:13:21 GMT"
                            + " location=https://www.example.com");
            assertThat(decode("4883640effc1c0bf"))
                    .isEqualTo(":status=307 cache-control=private date=Mon, 21 Oct 2013 20:13:21 GMT"
                            + " location=https://www.example.com");
            assertThat(decode("88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b3"
                            + "35dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"))
                    .isEqualTo(":status=200 cache-control=private date=Mon, 21 Oct 2013 20:13:22 GMT"
                            + " location=https://www.example.com content-encoding=gzip"
                            + " set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
        }
    }

    @Nested
    class OfHostileBlocks {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    // Index 0, an index beyond the tables, a name beyond the tables.
                    "80",
                    "be",
                    "7f00",
                    // A number without an end, and one that is absurd.
                    "ff",
                    "ffffffffffff7f",
                    // A string that is longer than the block, and one that is missing.
                    "400a61",
                    "4001",
                    "40",
                    // A size larger than was announced, and one behind a field.
                    "3fe25f",
                    "8220",
                    // Huffman: the end symbol, padding of eight bits, padding of zeros.
                    "0084ffffffff00",
                    "008207ff00",
                    "00811e00"
                })
        void refusesWhatIsMalformed(String hex) {
            assertThat(decode(hex)).isEqualTo("refused");
        }

        @Test
        void stopsTellingFieldsBeyondTheBoundAndKeepsTheTable() {
            ByteBuilder region = new ByteBuilder(16);
            byte[] block = HexFormat.of().parseHex("828684410f7777772e6578616d706c652e636f6d");
            int[] told = {0};

            boolean isRead = decoder.decode(block, 0, block.length, region, 128, (n, nl, v, vl) -> told[0]++);

            assertThat(isRead).isTrue();
            assertThat(decoder.isTooLarge()).isTrue();
            assertThat(told[0]).isEqualTo(3);
            assertThat(region.length()).isLessThan(128);
            assertThat(decode("be")).isEqualTo(":authority=www.example.com");
        }

        @Test
        void refusesABlockThatBecomesManyTimesItsBound() {
            byte[] value = new byte[3000];
            Arrays.fill(value, (byte) 'x');
            ByteBuilder block = new ByteBuilder(4096);
            block.append((byte) 0x40).append((byte) 1).append((byte) 'a');
            block.append((byte) 0x7f)
                    .append((byte) (0x80 | ((3000 - 127) & 0x7f)))
                    .append((byte) ((3000 - 127) >> 7));
            block.append(value);
            for (int i = 0; i < 2000; i++) {
                block.append((byte) 0xbe);
            }
            ByteBuilder region = new ByteBuilder(16);

            boolean isRead = decoder.decode(block.array(), 0, block.length(), region, 64 * 1024, (n, nl, v, vl) -> {});

            assertThat(isRead).isFalse();
            assertThat(decoder.isBomb()).isTrue();
            assertThat(region.length()).isLessThan(80 * 1024);
        }

        @Test
        void neverFailsOtherwiseWhateverComes() {
            Random random = new Random(7541);
            for (int i = 0; i < 20_000; i++) {
                byte[] block = new byte[random.nextInt(60)];
                random.nextBytes(block);

                decode(block);
            }
        }
    }

    @Nested
    class OfOurOwnBlocks {
        private final HpackEncoder encoder = new HpackEncoder();
        private final Random random = new Random(42);

        private ByteBuilder response(int status, String type, String server, String other) {
            ByteBuilder block = new ByteBuilder(64);
            encoder.begin(block);
            encoder.status(status);
            text(KnownField.CONTENT_TYPE, type);
            text(KnownField.SERVER, server);
            text(KnownField.SET_COOKIE, other);
            byte[] bytes = ("X-Name" + other).getBytes(StandardCharsets.ISO_8859_1);
            encoder.field(bytes, 0, 6, 6, other.length());
            encoder.number(KnownField.CONTENT_LENGTH, 12345);
            return block;
        }

        private void text(KnownField field, String value) {
            byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
            encoder.text(field, bytes, 0, bytes.length);
        }

        private String read(ByteBuilder block) {
            return decode(Arrays.copyOf(block.array(), block.length()));
        }

        @Test
        void areReadAsTheyWereMeant() {
            for (int i = 0; i < 3000; i++) {
                int status = 200 + random.nextInt(400);
                String type = "t" + random.nextInt(4);
                String server = "s".repeat(random.nextInt(300)) + random.nextInt(3);
                String other = "o".repeat(random.nextInt(200));

                assertThat(read(response(status, type, server, other)))
                        .isEqualTo(":status=" + status + " content-type=" + type + " server=" + server + " set-cookie="
                                + other + " x-name=" + other + " content-length=12345");
                if (i % 100 == 99) {
                    encoder.peerTable(random.nextInt(6000));
                }
            }
        }

        @Test
        void sayWhatReturnsInOneOctet() {
            int first = response(200, "text/html", "penstock", "").length();
            int second = response(200, "text/html", "penstock", "").length();

            assertThat(second).isLessThan(first - "text/html".length() - "penstock".length() + 2);
        }

        @Test
        void forbidOthersToRememberSecrets() {
            ByteBuilder block = new ByteBuilder(64);
            encoder.begin(block);
            text(KnownField.SET_COOKIE, "a=b");

            assertThat(block.array()[0] & 0xf0).isEqualTo(0x10);
        }

        // RFC 7541 section 4.2.
        @Test
        void tellTheSmallestTableSinceTheLastBlock() {
            encoder.peerTable(0);
            encoder.peerTable(4096);
            ByteBuilder block = new ByteBuilder(64);
            encoder.begin(block);

            assertThat(java.util.Arrays.copyOf(block.array(), block.length())).containsExactly(0x20, 0x3f, 0xe1, 0x1f);
        }

        @Test
        void tellASizeThatHoldsOnce() {
            encoder.peerTable(4000);
            encoder.peerTable(0);
            ByteBuilder block = new ByteBuilder(64);
            encoder.begin(block);
            encoder.begin(block);

            assertThat(java.util.Arrays.copyOf(block.array(), block.length())).containsExactly(0x20);
        }

        @Test
        void useNoTableWhereThePeerKeepsNone() {
            encoder.peerTable(0);
            String first = read(response(200, "text/html", "penstock", ""));
            String second = read(response(200, "text/html", "penstock", ""));

            assertThat(second).isEqualTo(first).contains("content-type=text/html");
        }
    }
}

package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GeneratedTextTest {
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Nested
    class Dates {
        @Test
        void agreeWithTheLibraryOnAnySecond() {
            DateTimeFormatter format = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);
            long seed = 7;
            SplittableRandom random = new SplittableRandom(seed);
            HttpDate date = new HttpDate();
            for (int i = 0; i < 20_000; i++) {
                long epochMs = random.nextLong(253_402_300_799_000L);
                date.tick(epochMs);
                assertThat(text(date.bytes()))
                        .as("%d, seed %d", epochMs, seed)
                        .isEqualTo(format.format(Instant.ofEpochMilli(epochMs)));
            }
        }

        @Test
        void handleLeapDays() {
            HttpDate date = new HttpDate();

            date.tick(Instant.parse("2028-02-29T23:59:59.999Z").toEpochMilli());

            assertThat(text(date.bytes())).isEqualTo("Tue, 29 Feb 2028 23:59:59 GMT");
        }
    }

    @Nested
    class RequestIds {
        @Test
        void sortByTimeAndAreOfOneForm() {
            RequestId ids = new RequestId(1);
            byte[] earlier = new byte[RequestId.BYTES];
            byte[] later = new byte[RequestId.BYTES];

            ids.next(1_000_000, earlier, 0);
            ids.next(1_000_001, later, 0);

            assertThat(text(earlier)).matches("[0-9A-HJKMNP-TV-Z]{26}").isLessThan(text(later));
        }

        @Test
        void doNotRepeat() {
            RequestId ids = new RequestId(2);
            Set<String> seen = new HashSet<>();
            byte[] id = new byte[RequestId.BYTES];

            for (int i = 0; i < 100_000; i++) {
                ids.next(5, id, 0);
                seen.add(text(id));
            }

            assertThat(seen).hasSize(100_000);
        }

        @Test
        void areKeptFromTrustedPeersOnlyIfTheyAreVisibleText() {
            assertThat(RequestId.isKeepable(Messages.bytes("abc-1        "), 0, 5))
                    .isTrue();
            assertThat(RequestId.isKeepable(Messages.bytes("ab c         "), 0, 5))
                    .isFalse();
            assertThat(RequestId.isKeepable(Messages.bytes("             "), 0, 0))
                    .isFalse();
            assertThat(RequestId.isKeepable(Messages.bytes("x".repeat(150)), 0, 129))
                    .isFalse();
        }
    }

    @Nested
    class Numbers {
        @Test
        void areWrittenAsTheLibraryWritesThem() {
            long seed = 3;
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < 20_000; i++) {
                long value = random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
                assertThat(new ByteBuilder(1).appendDecimal(value).toString())
                        .as("seed %d", seed)
                        .isEqualTo(Long.toString(value));
                assertThat(new ByteBuilder(1).appendHex(value).toString()).isEqualTo(Long.toHexString(value));
            }
            assertThat(new ByteBuilder(1)
                            .appendDecimal(Long.MAX_VALUE)
                            .appendDecimal(0)
                            .toString())
                    .isEqualTo("92233720368547758070");
        }
    }
}

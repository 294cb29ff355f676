package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class OctetsTest {
    private static final long SEED = 11;

    private interface Search {
        int find(byte[] bytes, int from, int end);
    }

    private static void agrees(Search search, IntPredicate isWanted, int mostly) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 50_000; round++) {
            byte[] bytes = new byte[48 + ByteBuilder.SLACK];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(12) == 0 ? random.nextInt(256) : mostly + random.nextInt(3));
            }
            int from = random.nextInt(40);
            int end = from + random.nextInt(48 - from);
            int expected = from;
            while (expected < end && !isWanted.test(bytes[expected] & 0xff)) {
                expected++;
            }
            assertThat(search.find(bytes, from, end))
                    .as("round %d, seed %d", round, SEED)
                    .isEqualTo(expected);
        }
    }

    @Test
    void findsAnOctet() {
        agrees((bytes, from, end) -> Octets.indexOf(bytes, from, end, (byte) '\n'), octet -> octet == '\n', '\t' + 2);
    }

    @Test
    void findsControls() {
        agrees(Octets::indexOfControl, octet -> octet < 0x20 || octet == 0x7f, 0x20);
        agrees(Octets::indexOfControl, octet -> octet < 0x20 || octet == 0x7f, 0x7e - 2);
    }

    @Test
    void findsWhatIsNotVisible() {
        agrees(Octets::indexOfInvisible, octet -> octet <= 0x20 || octet >= 0x7f, 0x21);
    }

    @Test
    void findsTheEndOfATokenByTheGrammar() {
        String others = "!#$%&'*+-.^_`|~";
        IntPredicate isNoToken = octet -> !((octet >= '0' && octet <= '9')
                || (octet >= 'A' && octet <= 'Z')
                || (octet >= 'a' && octet <= 'z')
                || others.indexOf(octet) >= 0);
        agrees(Octets::tokenEnd, isNoToken, 'x');
        agrees(Octets::tokenEnd, isNoToken, '+');
        agrees(Octets::tokenEnd, isNoToken, 'Y');
    }
}

package io.penstock.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The index against a map, over many versions; and a million keys. */
final class CredentialIndexTest {
    private record Digest(long high, long low) {}

    private static Digest digest(Random random) {
        return new Digest(random.nextLong(), random.nextLong());
    }

    @Test
    void findsNothingWhereNothingIs() {
        assertThat(CredentialIndex.empty().find(1, 2)).isEqualTo(CredentialIndex.NONE);
        assertThat(CredentialIndex.empty().find(0, 0)).isEqualTo(CredentialIndex.NONE);
    }

    @Test
    void saysWhoHasADigestAlready() {
        CredentialIndex.Edit edit = CredentialIndex.empty().edit();

        assertThat(edit.put(1, 2, 7)).isEqualTo(CredentialIndex.NONE);
        assertThat(edit.put(1, 2, 8)).isEqualTo(7);
        assertThat(edit.done().find(1, 2)).isEqualTo(7);
    }

    @Test
    void agreesWithAMapAfterEachOfManyEdits() {
        long seed = 20261122;
        Random random = new Random(seed);
        Map<Digest, Integer> expected = new HashMap<>();
        CredentialIndex index = CredentialIndex.empty();
        for (int version = 0; version < 60; version++) {
            CredentialIndex before = index;
            Map<Digest, Integer> expectedBefore = new HashMap<>(expected);
            CredentialIndex.Edit edit = index.edit();
            for (int i = 0; i < 200; i++) {
                Digest added = digest(random);
                edit.put(added.high, added.low, version * 1000 + i);
                expected.put(added, version * 1000 + i);
            }
            for (Digest gone : expected.keySet().stream()
                    .filter(any -> random.nextInt(3) == 0)
                    .toList()) {
                edit.remove(gone.high, gone.low);
                expected.remove(gone);
            }
            index = edit.done();

            assertSame(index, expected, seed);
            assertSame(before, expectedBefore, seed);
        }
    }

    private static void assertSame(CredentialIndex index, Map<Digest, Integer> expected, long seed) {
        assertThat(index.size()).as("seed %d", seed).isEqualTo(expected.size());
        expected.forEach((digest, number) -> assertThat(index.find(digest.high, digest.low))
                .as("seed %d", seed)
                .isEqualTo(number));
    }

    @Test
    void manyDigestsThatBeginInOneSlotAreFoundAndTakenOut() {
        CredentialIndex.Edit edit = CredentialIndex.empty().edit();
        Random random = new Random(3);
        long[] highs = random.longs(300).toArray();
        for (int i = 0; i < highs.length; i++) {
            edit.put(highs[i], 511, i);
        }
        for (int i = 0; i < highs.length; i += 2) {
            edit.remove(highs[i], 511);
        }
        CredentialIndex index = edit.done();

        for (int i = 0; i < highs.length; i++) {
            assertThat(index.find(highs[i], 511)).isEqualTo(i % 2 == 0 ? CredentialIndex.NONE : i);
        }
    }

    @Test
    void digestsOfOneTextDifferByKindAndKey() {
        byte[] text = "acme".getBytes(StandardCharsets.UTF_8);
        CredentialDigest one = new CredentialDigest(new byte[32]);
        byte[] otherKey = new byte[32];
        otherKey[0] = 1;
        CredentialDigest other = new CredentialDigest(otherKey);

        one.digest(DigestKind.API_KEY, text, 0, text.length);
        byte[] first = one.sum();
        one.digest(DigestKind.KEY_ID, text, 0, text.length);
        byte[] second = one.sum();
        other.digest(DigestKind.API_KEY, text, 0, text.length);

        assertThat(first).isNotEqualTo(second).isNotEqualTo(other.sum());
    }

    @Test
    void isHmacSha256() throws Exception {
        byte[] key = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        byte[] text = "some key".getBytes(StandardCharsets.US_ASCII);
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec(key, "HmacSHA256"));
        mac.update("apiKey\0".getBytes(StandardCharsets.US_ASCII));
        CredentialDigest digest = new CredentialDigest(key);

        digest.digest(DigestKind.API_KEY, text, 0, text.length);

        assertThat(digest.sum()).isEqualTo(mac.doFinal(text));
    }

    @Test
    @Tag("long")
    void aMillionKeysTakeLessThanSixtyBytesEachAndAChangeCostsAPage() {
        Random random = new Random(1);
        CredentialIndex.Edit edit = CredentialIndex.empty().edit();
        for (int i = 0; i < 1_000_000; i++) {
            edit.put(random.nextLong(), random.nextLong(), i);
        }
        CredentialIndex index = edit.done();
        System.out.printf("bytes a key: %.1f%n", index.bytes() / 1e6);

        assertThat(index.bytes() / 1_000_000.0).isLessThan(60);
        Random again = new Random(1);
        for (int i = 0; i < 1_000_000; i++) {
            assertThat(index.find(again.nextLong(), again.nextLong())).isEqualTo(i);
        }
    }
}

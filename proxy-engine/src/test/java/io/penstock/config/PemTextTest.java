package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.transport.tls.TestCertificates;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PemTextTest {
    @TempDir
    static Path folder;

    private static TestCertificates.Pair pair;

    @BeforeAll
    static void make() throws Exception {
        pair = TestCertificates.make(folder, "shop.example");
    }

    @Test
    void readsCertificatesInTheirOrderWithWordsAroundThem() throws Exception {
        String one = TestCertificates.pem("CERTIFICATE", pair.certificate().getEncoded());

        assertThat(PemText.certificates("subject: shop\n" + one + "issuer: itself\n" + one))
                .isEqualTo(List.of(pair.certificate(), pair.certificate()));
    }

    @Test
    void readsKeysInAllTheirForms() throws Exception {
        KeyPairGenerator curves = KeyPairGenerator.getInstance("EC");
        curves.initialize(new ECGenParameterSpec("secp384r1"));
        ECPrivateKey curve = (ECPrivateKey) curves.generateKeyPair().getPrivate();
        KeyPairGenerator numbers = KeyPairGenerator.getInstance("RSA");
        numbers.initialize(2048);
        RSAPrivateCrtKey rsa = (RSAPrivateCrtKey) numbers.generateKeyPair().getPrivate();
        PrivateKey edwards =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();

        for (PrivateKey key : List.of(curve, rsa, edwards)) {
            assertThat(PemText.privateKey(TestCertificates.pem("PRIVATE KEY", key.getEncoded())))
                    .isEqualTo(key);
        }
        assertThat(PemText.privateKey(TestCertificates.pem("RSA PRIVATE KEY", inner(rsa.getEncoded(), 26))))
                .isEqualTo(rsa);
    }

    // What PKCS #8 holds behind its head.
    private static byte[] inner(byte[] encoded, int headBytes) {
        return Arrays.copyOfRange(encoded, headBytes, encoded.length);
    }

    @Test
    void saysWhatItFoundInstead() {
        assertThatThrownBy(() -> PemText.certificates("nothing"))
                .hasMessage("found no \"-----BEGIN CERTIFICATE-----\"");
        assertThatThrownBy(() -> PemText.certificates(TestCertificates.pem("PRIVATE KEY", new byte[] {1})))
                .hasMessageContaining("PRIVATE KEY");
        assertThatThrownBy(() -> PemText.privateKey(TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[] {1})))
                .hasMessageContaining("under a password");
        assertThatThrownBy(() -> PemText.privateKey(TestCertificates.pem("PRIVATE KEY", new byte[] {1})))
                .hasMessageContaining("damaged");
    }

    @Test
    void damagedKeysAreRefusedAndNeverBreakIt() throws Exception {
        byte[] key = pair.key().getEncoded();
        Random random = new Random(3);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 2) {
                bytes[0] = 0x30;
            }
            for (String kind : List.of("EC PRIVATE KEY", "RSA PRIVATE KEY", "PRIVATE KEY")) {
                assertThatThrownBy(() -> PemText.privateKey(TestCertificates.pem(kind, bytes)))
                        .isInstanceOf(PemText.Unreadable.class);
            }
        }
        assertThat(KeyPairCheck.isKeyOf(
                        PemText.privateKey(TestCertificates.pem("PRIVATE KEY", key)), pair.certificate()))
                .isTrue();
    }

    @Test
    void aKeyOfAnotherCertificateIsFound() throws Exception {
        TestCertificates.Pair other = TestCertificates.make(folder, "other.example");

        assertThat(KeyPairCheck.isKeyOf(other.key(), pair.certificate())).isFalse();
        assertThat(KeyPairCheck.isKeyOf(pair.key(), pair.certificate())).isTrue();
    }

    @Test
    void expiredOnesAndBrokenChainsAreFound() throws Exception {
        TestCertificates.Pair other = TestCertificates.make(folder, "third.example");
        Instant now = Instant.now();

        assertThat(KeyPairCheck.expiry(List.of(pair.certificate()), now)).isEmpty();
        assertThat(KeyPairCheck.expiry(List.of(pair.certificate()), now.plus(Duration.ofDays(8))))
                .hasValueSatisfying(why -> assertThat(why).contains("expired"));
        assertThat(KeyPairCheck.fault(List.of(pair.certificate(), other.certificate())))
                .hasValueSatisfying(why -> assertThat(why).contains("not signed by"));
    }
}

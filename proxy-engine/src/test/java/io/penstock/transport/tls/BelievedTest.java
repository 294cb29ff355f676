package io.penstock.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.PemText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which chains are believed where authorities themselves are revoked. */
final class BelievedTest {
    @TempDir
    static Path folder;

    /** Signed by one that another signed, below a root. */
    private static List<X509Certificate> chain;

    private static List<X509CRL> revokingTheHigher;
    private static List<X509CRL> revokingTheRoot;

    @BeforeAll
    static void make() throws Exception {
        TestCertificates.Pair pair = TestCertificates.makeBelow(folder, 2, "acme");
        chain = pair.chain();
        revokingTheHigher = lists(pair, chain.get(2));
        revokingTheRoot = lists(pair, chain.get(3));
    }

    private static List<X509CRL> lists(TestCertificates.Pair pair, X509Certificate revoked) throws Exception {
        return PemText.revocationLists(Files.readString(TestCertificates.revoke(folder, pair, revoked)));
    }

    private static void check(Believed believed, int shown) throws Exception {
        new ClientTrust(TlsLibrary.JDK, believed, true)
                .checkClientTrusted(chain.subList(0, shown).toArray(X509Certificate[]::new), "EC");
    }

    private static void assertRevoked(Believed believed, int shown) {
        assertThatThrownBy(() -> check(believed, shown))
                .isInstanceOfSatisfying(
                        CertificateException.class,
                        refused -> assertThat(ClientRefusal.of(refused)).isEqualTo(ClientRefusal.REVOKED));
    }

    @Test
    void aRevokedAuthorityIsNoneHoweverMuchOfTheChainIsShown() {
        Believed believed = new Believed(chain.subList(2, 4), revokingTheHigher);

        for (int shown = 2; shown <= 4; shown++) {
            assertRevoked(believed, shown);
        }
    }

    @Test
    void norIsOneThatOnlyARevokedOneSigned() {
        Believed believed = new Believed(chain.subList(1, 4), revokingTheHigher);

        for (int shown = 1; shown <= 4; shown++) {
            assertRevoked(believed, shown);
        }
    }

    @Test
    void whereNoneIsLeftNobodyIsBelievedAndNotTheSystemsAuthorities() throws Exception {
        Believed believed = new Believed(chain.subList(1, 4), revokingTheRoot);

        assertThat(believed.namesNone()).isFalse();
        assertThat(believed.authorities()).isEmpty();
        assertRevoked(believed, 1);
        PeerTrust peers = PeerTrust.in(believed, List.of());
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("acme", 443);
        assertThatThrownBy(() -> peers.checkServerTrusted(new X509Certificate[] {chain.getFirst()}, "EC", engine))
                .hasMessageContaining("was revoked");
    }

    @Test
    void theOthersAreBelievedAsBefore() throws Exception {
        TestCertificates.Pair other = TestCertificates.makeBelow(folder, 1, "other");
        Believed believed =
                new Believed(List.of(chain.get(2), chain.get(3), other.chain().get(2)), revokingTheHigher);

        assertThatCode(() -> new ClientTrust(TlsLibrary.JDK, believed, true)
                        .checkClientTrusted(other.chain().toArray(X509Certificate[]::new), "EC"))
                .doesNotThrowAnyException();
        assertThatCode(() -> check(new Believed(chain.subList(2, 4), List.of()), 2))
                .doesNotThrowAnyException();
    }
}

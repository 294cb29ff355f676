package io.penstock.admin.secret;

import io.penstock.config.CertificateConfig;
import io.penstock.config.CertificateFacts;
import io.penstock.config.KeyPairCheck;
import io.penstock.config.PemText;
import io.penstock.config.SecretValue;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which pair a certificate has that an authority issues. Documents and rollbacks know none, or an old one: the newest that is for
 * the names stays, so that neither takes away what was issued since, nor brings back what is over.
 */
final class IssuedPair {
    private IssuedPair() {}

    /**
     * The certificate as it is to be written, with the better pair of two, or none.
     *
     * @param old what is served under this name
     * @param next what is wished, its key settled; a key that was given with it is meant, and stays
     */
    static CertificateConfig chosen(
            Optional<CertificateConfig> old, CertificateConfig next, boolean isGiven, Instant now) {
        if (isGiven) {
            return next;
        }
        Optional<CertificateConfig> present = old.filter(CertificateConfig::hasPair);
        return Stream.of(Optional.of(next).filter(each -> isUsable(each, now)), present)
                .flatMap(Optional::stream)
                // Of two alike the first, which is what is wished.
                .reduce((a, b) -> better(next).compare(b, a) > 0 ? b : a)
                .map(from -> next.withPair(from.certificate(), from.key()))
                .orElseGet(() -> next.withPair(Optional.empty(), Optional.empty()));
    }

    private static Comparator<CertificateConfig> better(CertificateConfig wanted) {
        List<String> names = wanted.acme().orElseThrow().names();
        return Comparator.<CertificateConfig, Boolean>comparing(each -> covers(each, names))
                .thenComparing(each -> leaf(each).notBefore());
    }

    private static boolean isUsable(CertificateConfig certificate, Instant now) {
        try {
            return certificate.hasPair()
                    && certificate.key().get() instanceof SecretValue.Sealed
                    && KeyPairCheck.expiry(certificate.chain(), now).isEmpty();
        } catch (PemText.Unreadable told) {
            return false;
        }
    }

    private static boolean covers(CertificateConfig certificate, List<String> names) {
        return new HashSet<>(leaf(certificate).names()).containsAll(names);
    }

    private static CertificateFacts leaf(CertificateConfig certificate) {
        try {
            return CertificateFacts.of(certificate.chain().getFirst());
        } catch (PemText.Unreadable unreadable) {
            throw new IllegalStateException("what is served was read before", unreadable);
        }
    }
}

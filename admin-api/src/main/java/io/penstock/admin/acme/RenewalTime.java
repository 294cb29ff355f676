package io.penstock.admin.acme;

import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.CertificateFacts;
import io.penstock.config.PemText;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;

/** When a certificate is due to be ordered anew. */
final class RenewalTime {
    private RenewalTime() {}

    /** Empty for one that is to be ordered now: there is none, or it is for other names. */
    static Optional<Instant> of(CertificateConfig certificate, CertificateAcmeConfig wanted) {
        if (!certificate.hasPair()) {
            return Optional.empty();
        }
        try {
            CertificateFacts facts = CertificateFacts.of(certificate.chain().getFirst());
            if (!new HashSet<>(facts.names()).containsAll(wanted.names())) {
                return Optional.empty();
            }
            Duration life = Duration.between(facts.notBefore(), facts.notAfter());
            Duration before = wanted.renewBefore()
                    .filter(wish -> wish.compareTo(life) < 0)
                    .orElse(life.dividedBy(3));
            return Optional.of(facts.notAfter().minus(before));
        } catch (PemText.Unreadable unreadable) {
            throw new IllegalStateException("what is served was read before", unreadable);
        }
    }
}

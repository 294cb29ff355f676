package io.penstock.transport.tls;

import io.penstock.mark.SharedByWorkers;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Authorities that are believed, and what they have revoked.
 *
 * @param authorities their certificates
 * @param lists of revoked ones (RFC 5280 section 5); their signatures were checked
 */
@SharedByWorkers
public record Believed(List<X509Certificate> authorities, List<X509CRL> lists) {
    public Believed {
        authorities = List.copyOf(authorities);
        lists = List.copyOf(lists);
    }

    /** @throws CertificateException if one of the chain stands in a list of its issuer */
    void checkRevoked(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate each : chain) {
            for (X509CRL list : lists) {
                if (list.getIssuerX500Principal().equals(each.getIssuerX500Principal()) && list.isRevoked(each)) {
                    String said = "the certificate " + each.getSubjectX500Principal() + " was revoked";
                    throw new CertificateException(
                            said,
                            new CertPathValidatorException(
                                    said, null, null, -1, CertPathValidatorException.BasicReason.REVOKED));
                }
            }
        }
    }
}

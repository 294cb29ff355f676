package io.penstock.transport.tls;

import io.penstock.mark.SharedByWorkers;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Authorities that are believed, and what they have revoked, among which may be authorities of these. */
@SharedByWorkers
public final class Believed {
    private final List<X509Certificate> authorities;
    private final List<X509Certificate> revoked;
    private final List<X509CRL> lists;

    /**
     * Believes in those that were not revoked.
     *
     * @param named certificates of authorities
     * @param lists of revoked ones (RFC 5280 section 5); their signatures were checked
     */
    public Believed(List<X509Certificate> named, List<X509CRL> lists) {
        this.revoked = RevokedAuthorities.among(named, lists);
        List<X509Certificate> kept = new ArrayList<>(named);
        kept.removeAll(revoked);
        this.authorities = List.copyOf(kept);
        this.lists = List.copyOf(lists);
    }

    /** What the platform checks of a chain, with {@link #authorities} alone. */
    interface Check {
        void run() throws CertificateException;
    }

    /** Those that were not revoked. */
    List<X509Certificate> authorities() {
        return authorities;
    }

    /** Whether no authority was named, which is something else than that none is left. */
    boolean namesNone() {
        return authorities.isEmpty() && revoked.isEmpty();
    }

    /** @throws CertificateException if the platform finds so, or one of the chain, or who signed it, was revoked */
    void check(X509Certificate[] chain, Check platform) throws CertificateException {
        try {
            if (authorities.isEmpty() && !revoked.isEmpty()) {
                // The platform takes an empty store for a mistake of its caller's.
                throw new CertificateException("no authority is left that was not revoked");
            }
            platform.run();
        } catch (CertificateException stranger) {
            throw told(chain, stranger);
        }
        for (X509Certificate each : chain) {
            for (X509CRL list : lists) {
                if (RevokedAuthorities.isOn(list, each)) {
                    throw revoked(each);
                }
            }
        }
    }

    // Refused it is either way; whom a revoked authority signed hears just that.
    private CertificateException told(X509Certificate[] chain, CertificateException stranger) {
        for (X509Certificate each : chain) {
            for (X509Certificate authority : revoked) {
                if (authority.getSubjectX500Principal().equals(each.getIssuerX500Principal())) {
                    return revoked(authority);
                }
            }
        }
        return stranger;
    }

    private static CertificateException revoked(X509Certificate certificate) {
        String said = "the certificate " + certificate.getSubjectX500Principal() + " was revoked";
        return new CertificateException(
                said,
                new CertPathValidatorException(said, null, null, -1, CertPathValidatorException.BasicReason.REVOKED));
    }
}

package io.penstock.transport.tls;

import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the authorities that are believed no more. The platform asks nobody about an authority of the store that it is given (RFC 5280
 * section 6.1.1, the trust anchor), and one below another must be in a bundle where it signs lists: so those that were revoked
 * may not come into that store.
 */
final class RevokedAuthorities {
    private RevokedAuthorities() {}

    /** Those on a list, and those that only such ones signed. */
    static List<X509Certificate> among(List<X509Certificate> authorities, List<X509CRL> lists) {
        List<X509Certificate> kept = new ArrayList<>(authorities);
        List<X509Certificate> revoked = new ArrayList<>();
        for (X509Certificate each : authorities) {
            if (lists.stream().anyMatch(list -> isOn(list, each))) {
                kept.remove(each);
                revoked.add(each);
            }
        }
        // What is found below one that is revoked is looked below in its turn.
        for (int i = 0; i < revoked.size(); i++) {
            X509Certificate above = revoked.get(i);
            for (X509Certificate each : List.copyOf(kept)) {
                if (hasSigned(above, each) && kept.stream().noneMatch(other -> hasSigned(other, each))) {
                    kept.remove(each);
                    revoked.add(each);
                }
            }
        }
        return revoked;
    }

    /** Whether a list, whose signature was checked, revokes it. */
    static boolean isOn(X509CRL list, X509Certificate certificate) {
        return list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                && list.isRevoked(certificate);
    }

    private static boolean hasSigned(X509Certificate authority, X509Certificate certificate) {
        if (!authority.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException not) {
            return false;
        }
    }
}

package io.penstock.transport.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import org.jspecify.annotations.Nullable;

/**
 * Why a client's certificate is not believed, in the form in which the TLS library finds the alert that tells the client so (RFC 8446 section
 * 6.2): without a form of its own BoringSSL says {@code internal_error}, which sounds as if the gateway were broken.
 */
enum ClientRefusal {
    /** {@code unknown_ca}. */
    UNTRUSTED,
    /** {@code certificate_expired}. */
    EXPIRED,
    /** {@code bad_certificate}. */
    NOT_YET_VALID,
    /** {@code certificate_revoked}. */
    REVOKED;

    /** The refusal that a check has come to, by its innermost cause that says one. */
    static ClientRefusal of(CertificateException failure) {
        ClientRefusal found = UNTRUSTED;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            found = switch (cause) {
                case CertificateExpiredException expired -> EXPIRED;
                case CertificateNotYetValidException early -> NOT_YET_VALID;
                case CertPathValidatorException path
                when path.getReason() == CertPathValidatorException.BasicReason.REVOKED -> REVOKED;
                default -> found;
            };
        }
        return found;
    }

    /** What the library wants to be thrown. */
    CertificateException told(TlsLibrary library, CertificateException why) {
        return switch (library) {
            case BORINGSSL -> new OpenSslCertificateException(why.getMessage(), why, code());
            // It reads the causes itself.
            case JDK -> why;
        };
    }

    private int code() {
        return switch (this) {
            case UNTRUSTED -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
            case EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
            case NOT_YET_VALID -> CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
            case REVOKED -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
        };
    }
}

package io.penstock.transport.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a server is not spoken to. */
public enum PeerFault {
    /** Its certificate is not good any more, or not yet. */
    EXPIRED,
    /** Its certificate is for other names. */
    NAME,
    /** Nobody who is believed has signed its certificate. */
    UNTRUSTED,
    /** Whoever signed its certificate has revoked it. */
    REVOKED,
    /** It speaks none of the versions that are wanted. */
    VERSION,
    /** Anything else: an alert, a broken record, no common cipher suite. */
    HANDSHAKE;

    /** The certificate holds none of the names that are wanted. */
    static final class WrongName extends CertificateException {
        private static final long serialVersionUID = 1;

        WrongName(String message) {
            super(message);
        }
    }

    /** What a failed handshake was about. */
    static PeerFault of(Throwable failure) {
        PeerFault found = HANDSHAKE;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            PeerFault named = named(cause);
            // The innermost cause says it best, and what it says nothing of stays with the one around it.
            found = named == HANDSHAKE ? found : named;
        }
        return found;
    }

    private static PeerFault named(Throwable cause) {
        return switch (cause) {
            case WrongName wrong -> NAME;
            case CertificateExpiredException expired -> EXPIRED;
            case CertificateNotYetValidException early -> EXPIRED;
            case CertPathValidatorException path
            when path.getReason() == CertPathValidatorException.BasicReason.REVOKED -> REVOKED;
            case CertificateException other -> UNTRUSTED;
            case CertPathValidatorException other -> UNTRUSTED;
            case CertPathBuilderException other -> UNTRUSTED;
            default -> isVersion(String.valueOf(cause.getMessage())) ? VERSION : HANDSHAKE;
        };
    }

    // Neither library has a type for it.
    private static boolean isVersion(String message) {
        String text = message.toLowerCase(Locale.ROOT).replace('_', ' ');
        return text.contains("protocol version") || text.contains("unsupported protocol");
    }
}

package io.penstock.config;

import java.util.Optional;

/** Finds out who calls by the certificate that the client showed in the handshake; the listener has to ask for one. */
@TypeTag("clientCertificate")
public record ClientCertificateAuthConfig(
        @Doc(
                "What of the certificate is the name of a consumer; callers are known by the certificate's subject if absent.")
        Optional<CertificateName> consumer,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    /** One that takes a consumer's name from a place in the certificate. */
    public static ClientCertificateAuthConfig of(CertificateName consumer) {
        return new ClientCertificateAuthConfig(Optional.of(consumer), true);
    }
}

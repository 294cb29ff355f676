package io.penstock.filter;

import io.penstock.config.CertificateFacts;
import io.penstock.config.CertificateName;
import io.penstock.config.ClientCertificateAuthConfig;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds who calls by the certificate of the connection, which the handshake has proved. */
@WorkerConfined
public final class ClientCertificateAuthenticator implements Filter {
    private static final Verdict UNKNOWN =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the client's certificate names no consumer");

    private final Optional<CertificateName> name;

    // Requests of one connection follow each other: who it was last is mostly who it is now.
    private @Nullable CertificateFacts last;
    private @Nullable Identity lastIdentity;

    private ClientCertificateAuthenticator(ClientCertificateAuthConfig config) {
        this.name = config.consumer();
    }

    /** The provider of {@code type: clientCertificate}. */
    public static AuthenticatorProvider provider() {
        return Authenticator.provider(
                ClientCertificateAuthConfig.class, config -> () -> new ClientCertificateAuthenticator(config));
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        CertificateFacts shown = call.client().certificate();
        if (shown == null) {
            return Verdict.CONTINUE;
        }
        if (name.isPresent()) {
            Identity consumer = call.worker().credentials().consumer(named(shown, name.get()));
            if (consumer == null) {
                return UNKNOWN;
            }
            call.identify(consumer);
            return Verdict.CONTINUE;
        }
        Identity identity = lastIdentity;
        if (identity == null || !shown.equals(last)) {
            identity = new Identity(null, shown.subject(), List.of(), Map.of("fingerprint", shown.fingerprint()));
            last = shown;
            lastIdentity = identity;
        }
        call.identify(identity);
        return Verdict.CONTINUE;
    }

    private static String named(CertificateFacts shown, CertificateName place) {
        return switch (place) {
            case COMMON_NAME -> shown.commonName();
            // Never the common name in its place: whoever chose dnsName chose what the authority vouches for as one.
            case DNS_NAME -> shown.dnsNames().isEmpty() ? "" : shown.dnsNames().getFirst();
            case FINGERPRINT -> shown.fingerprint();
        };
    }
}

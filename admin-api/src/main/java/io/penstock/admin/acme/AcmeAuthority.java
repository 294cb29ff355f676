package io.penstock.admin.acme;

import io.penstock.config.AcmeChallengeType;
import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.SecretValue;
import io.penstock.engine.DomainProof;
import java.net.URI;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;

/** Authorities that speak ACME (RFC 8555), with proofs by HTTP-01 (section 8.3) or TLS-ALPN-01 (RFC 8737). */
final class AcmeAuthority implements Authority {
    private static final Duration CALL_MAX = Duration.ofSeconds(20);
    private static final Duration STEP_MAX = Duration.ofMinutes(2);

    private final OpenProofs proofs;
    private final Clock clock;

    AcmeAuthority(OpenProofs proofs, Clock clock) {
        this.proofs = proofs;
        this.clock = clock;
    }

    @Override
    public Issued order(String certificate, CertificateAcmeConfig wanted, OrderAccount account)
            throws OrderFailed, InterruptedException {
        Session session = new Session(URI.create(account.config().directory()), new AcmeDirectory(account.believed()));
        session.networkSettings().setTimeout(CALL_MAX);
        try {
            return order(login(session, account), certificate, wanted);
        } catch (AcmeException failed) {
            throw failure(failed);
        } catch (RuntimeException odd) {
            // What the library makes of answers that are no ACME.
            throw new OrderFailed("the directory's answer makes no sense: " + odd, odd);
        } finally {
            proofs.withdraw(certificate);
            // It has a thread of its own.
            session.getHttpClient().shutdownNow();
        }
    }

    // An account that is there already is given back by its key (section 7.3.1).
    private static Login login(Session session, OrderAccount account) throws AcmeException {
        AccountBuilder builder = new AccountBuilder().agreeToTermsOfService().useKeyPair(account.key());
        for (String contact : account.config().contact()) {
            builder.addContact(contact.contains(":") ? contact : "mailto:" + contact);
        }
        if (account.config().externalAccount().isPresent()
                && account.externalKey().isPresent()) {
            builder.withKeyIdentifier(
                    account.config().externalAccount().get().keyId(),
                    account.externalKey().get());
        }
        return builder.createLogin(session);
    }

    private Issued order(Login login, String certificate, CertificateAcmeConfig wanted)
            throws AcmeException, OrderFailed, InterruptedException {
        Order order = login.newOrder().domains(wanted.names()).create();
        for (Authorization authorization : order.getAuthorizations()) {
            if (authorization.getStatus() != Status.VALID) {
                prove(certificate, wanted.challenge(), authorization);
            }
        }
        if (order.waitUntilReady(STEP_MAX) == Status.INVALID) {
            throw refused(order);
        }
        KeyPair key = AccountKey.make();
        if (order.getStatus() == Status.READY) {
            order.execute(key);
        }
        if (order.waitForCompletion(STEP_MAX) != Status.VALID) {
            throw refused(order);
        }
        return new Issued(
                chain(order.getCertificate().getCertificateChain()),
                new SecretValue.Given(AccountKey.text(key.getPrivate())));
    }

    private static OrderFailed refused(Order order) {
        return new OrderFailed("the authority did not issue it: "
                + order.getError().map(AcmeAuthority::words).orElse("the order is " + order.getStatus()));
    }

    private void prove(String certificate, AcmeChallengeType wanted, Authorization authorization)
            throws AcmeException, OrderFailed, InterruptedException {
        Identifier name = authorization.getIdentifier();
        Challenge challenge = switch (wanted) {
            case HTTP_01 -> {
                Http01Challenge found = offered(authorization, Http01Challenge.class, wanted);
                proofs.show(certificate, new DomainProof.Http(found.getToken(), found.getAuthorization()));
                yield found;
            }
            case TLS_ALPN_01 -> {
                TlsAlpn01Challenge found = offered(authorization, TlsAlpn01Challenge.class, wanted);
                proofs.show(
                        certificate, ProofCertificate.of(name.getDomain(), found.getAcmeValidation(), clock.instant()));
                yield found;
            }
        };
        challenge.trigger();
        if (authorization.waitForCompletion(STEP_MAX) != Status.VALID) {
            challenge.fetch();
            throw new OrderFailed("the authority does not believe that " + name.getDomain() + " is served here: "
                    + challenge.getError().map(AcmeAuthority::words).orElse("the proof is " + challenge.getStatus()));
        }
    }

    private static <C extends Challenge> C offered(Authorization authorization, Class<C> kind, AcmeChallengeType wanted)
            throws OrderFailed {
        Optional<C> found = authorization.findChallenge(kind);
        return found.orElseThrow(() -> new OrderFailed("the authority takes no proof by " + wanted.text() + " for "
                + authorization.getIdentifier().getDomain() + ", only by "
                + authorization.getChallenges().stream().map(Challenge::getType).collect(Collectors.joining(", "))));
    }

    private static String chain(List<X509Certificate> certificates) throws OrderFailed {
        StringBuilder text = new StringBuilder();
        try {
            for (X509Certificate each : certificates) {
                text.append(AccountKey.pem("CERTIFICATE", each.getEncoded()));
            }
        } catch (CertificateEncodingException odd) {
            throw new OrderFailed("what the authority issued cannot be read: " + odd.getMessage(), odd);
        }
        return text.toString();
    }

    private static OrderFailed failure(AcmeException failed) {
        return switch (failed) {
            case AcmeRateLimitedException limited ->
                new OrderFailed(
                        "the authority has had enough for now: " + words(limited.getProblem()),
                        limited,
                        limited.getRetryAfter());
            case AcmeServerException told ->
                new OrderFailed("the authority refused: " + words(told.getProblem()), told);
            default -> new OrderFailed("the authority cannot be asked: " + causes(failed), failed);
        };
    }

    private static String words(Problem problem) {
        // With what it says of single names.
        return problem.toString();
    }

    private static String causes(Throwable failed) {
        Throwable last = failed;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        String said = String.valueOf(failed.getMessage());
        return failed.getCause() == null || said.contains(String.valueOf(last.getMessage()))
                ? said
                : said + " (" + last + ")";
    }
}

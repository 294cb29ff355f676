package io.penstock.filter;

import io.penstock.config.OidcAuthConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes logins of what issuers say, and lets requests pass by them. Without state. */
final class OidcLogins {
    static final Verdict NO_CONSUMER =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the login names no consumer of this configuration");

    private final OidcAuthConfig config;
    private final ClaimIdentity who;

    OidcLogins(OidcAuthConfig config) {
        this.config = config;
        this.who = new ClaimIdentity(config.consumerClaim(), config.groupsClaim());
    }

    /** The login of whom an ID token is about; null if it has to name a consumer and does not. */
    @Nullable
    Login of(Map<String, Object> claims, OidcTokens.Given given, FilterWorker worker, long untilMs) {
        Identity all = who.of(claims, ClaimIdentity.text(claims, "sub"), worker.credentials());
        if (all == null) {
            return null;
        }
        Map<String, String> kept = new LinkedHashMap<>(all.claims());
        kept.keySet().retainAll(config.claims());
        long freshMs = given.expiresInMs() > 0 ? worker.epochMs() + given.expiresInMs() : OidcTokens.expiresMs(claims);
        return new Login(
                new Identity(all.consumer(), all.subject(), all.groups(), kept),
                Math.min(freshMs, untilMs),
                untilMs,
                given.refreshToken());
    }

    /** Says whose login it is, if the consumer that it names is still there. */
    static Verdict admit(Login login, FilterCall call) {
        String consumer = login.identity().consumer();
        if (consumer != null && call.worker().credentials().consumer(consumer) == null) {
            return NO_CONSUMER;
        }
        call.identify(login.identity());
        return Verdict.CONTINUE;
    }
}

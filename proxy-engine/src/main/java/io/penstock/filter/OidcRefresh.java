package io.penstock.filter;

import com.nimbusds.jose.JWSObject;
import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.DigestKind;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has an issuer vouch longer for logins. One request over all workers asks, since an issuer may take a refresh token that comes
 * twice for a stolen one; requests that come meanwhile go on by the login as it is, as long as it lasts.
 */
@WorkerConfined
final class OidcRefresh {
    private static final long ONCE_NS = 30_000_000_000L;
    // How long a refreshed login lasts where the issuer does not say.
    private static final long UNTOLD_MS = 300_000;

    private final OidcIssuer issuer;
    private final OidcTokens tokens;
    private final LoginCookies cookies;
    private final OidcLogins logins;
    private final Map<Long, OidcStep> waiting;
    private final CredentialDigest digest;

    OidcRefresh(
            OidcIssuer issuer,
            OidcTokens tokens,
            LoginCookies cookies,
            OidcLogins logins,
            Map<Long, OidcStep> waiting,
            byte[] processKey) {
        this.issuer = issuer;
        this.tokens = tokens;
        this.cookies = cookies;
        this.logins = logins;
        this.waiting = waiting;
        this.digest = new CredentialDigest(processKey);
    }

    /** One refresh on its way. */
    private record Refreshing(Login old, OidcStep step, FilterCall call, boolean isSecure, Runnable without) {}

    /**
     * Refreshes a login, and keeps with the exchange what the browser has to be told of it.
     *
     * @param anyhow what becomes of the request if that is not possible
     */
    Verdict refresh(Login login, FilterCall call, boolean isSecure, Supplier<Verdict> anyhow) {
        FilterWorker worker = call.worker();
        byte[] token = login.refreshToken().getBytes(StandardCharsets.UTF_8);
        digest.digest(DigestKind.API_KEY, token, 0, token.length);
        byte[] sum = digest.sum();
        if (waiting.size() >= OidcAuthenticator.WAITING_MAX
                || worker.takeOnce("oidc-refresh", sum, sum.length, ONCE_NS) != 0) {
            return anyhow.get();
        }
        OidcStep step = new OidcStep(call, waiting);
        Runnable without = () -> {
            Verdict verdict = anyhow.get();
            // Where another login begins, that waits in the place of this.
            if (!(verdict instanceof Verdict.Suspended)) {
                step.end(verdict);
            }
        };
        Refreshing refreshing = new Refreshing(login, step, call, isSecure, without);
        issuer.published(worker, at -> {
            if (step.isOver()) {
                return;
            }
            if (at == null) {
                without.run();
            } else {
                step.ask(
                        tokens.refresh(at, login.refreshToken()),
                        response -> answered(tokens.read(response), at, refreshing),
                        (code, why) -> without.run());
            }
        });
        return Verdict.SUSPENDED;
    }

    private void answered(OidcTokens.@Nullable Given given, OidcIssuer.Published at, Refreshing of) {
        if (given == null) {
            // Most likely the issuer vouches for the login no longer.
            of.step().worker().count(Counter.LOGINS_ENDED);
            of.without().run();
            return;
        }
        JWSObject token = OidcTokens.parse(given.idToken());
        if (token == null) {
            // A new ID token may be left out (OpenID Connect Core 1.0 section 12.2): then it is still who it was.
            renew(of.old().identity(), given, of);
            return;
        }
        issuer.verify(token, at, of.step().worker(), isGood -> {
            if (of.step().isOver()) {
                return;
            }
            FilterWorker worker = of.step().worker();
            Map<String, Object> claims = isGood ? tokens.claims(token, "", worker.epochMs()) : null;
            Login next = claims == null
                    ? null
                    : logins.of(claims, given, worker, of.old().untilMs());
            if (next == null
                    || !next.identity().subject().equals(of.old().identity().subject())) {
                of.without().run();
            } else {
                renew(next.identity(), given, of);
            }
        });
    }

    private void renew(Identity identity, OidcTokens.Given given, Refreshing of) {
        long nowMs = of.step().worker().epochMs();
        long lastsMs = given.expiresInMs() > 0 ? given.expiresInMs() : UNTOLD_MS;
        Login old = of.old();
        Login next = new Login(
                identity,
                Math.min(nowMs + lastsMs, old.untilMs()),
                old.untilMs(),
                given.refreshToken().isEmpty() ? old.refreshToken() : given.refreshToken());
        List<String> set = cookies.set(next, of.isSecure(), nowMs);
        if (set.isEmpty()) {
            of.without().run();
            return;
        }
        of.step().worker().count(Counter.LOGINS_REFRESHED);
        of.call().attach(set);
        of.step().end(OidcLogins.admit(next, of.call()));
    }
}

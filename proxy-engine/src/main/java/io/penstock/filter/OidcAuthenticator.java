package io.penstock.filter;

import com.nimbusds.jose.JWSObject;
import io.penstock.config.OidcAuthConfig;
import io.penstock.config.SecretName;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Logins at an issuer by the code flow of OpenID Connect, with PKCE, a state and a nonce (RFC 9700). The gateway keeps nothing:
 * attempts and logins are in the browser's cookies, encrypted. What has to be asked of the issuer is asked while the exchange
 * waits.
 */
@WorkerConfined
public final class OidcAuthenticator implements Filter {
    private static final String CHALLENGE = "OpenID realm=\"api\"";
    /** Exchanges that wait for an issuer, of one worker and entry. */
    static final int WAITING_MAX = 1024;

    private static final int PARAMETER_BYTES_MAX = 4096;
    private static final int FOUND = 302;
    private static final int OK = 200;
    private static final int SECRET_CHARS_MIN = 32;
    // How long before its end a login is refreshed, so that others may go on by it meanwhile.
    private static final long EARLY_MS = 60_000;

    private static final Verdict STRANGE = new Verdict.Failed(
            Reason.LOGIN_INVALID, "the answer's state is of no attempt of this browser, or the attempt took too long");
    private static final Verdict DENIED =
            new Verdict.Failed(Reason.LOGIN_REFUSED, "the issuer has answered with an error");
    private static final Verdict NO_TOKEN = new Verdict.Failed(
            Reason.LOGIN_UNAVAILABLE, "the issuer gave no token, or one whose signature or claims are not good");
    /** The person says it herself, by a form of this site. */
    private static final Verdict LOGOUT_ASKED = new Verdict.Answered(new Answer(
            OK,
            List.of(
                    Map.entry("Content-Type", "text/html; charset=utf-8"),
                    Map.entry("Cache-Control", "no-store"),
                    Map.entry(
                            "Content-Security-Policy",
                            "default-src 'none'; form-action 'self'; frame-ancestors 'none'")),
            ("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Log out</title>"
                            + "<form method=\"post\"><button>Log out</button></form></html>\n")
                    .getBytes(StandardCharsets.US_ASCII)));

    private static final Verdict TOO_LARGE = new Verdict.Failed(
            Reason.LOGIN_TOO_LARGE, "what is to be kept of the login is longer than four cookies take");
    private static final Verdict BUSY =
            new Verdict.Failed(Reason.AUTH_BUSY, "the issuer is being asked about too many logins on this worker");

    private final OidcAuthConfig config;
    private final OidcIssuer issuer;
    private final OidcTokens tokens;
    private final LoginCookies cookies;
    private final OidcLogins logins;
    private final OidcRefresh refresh;
    private final SecureRandom random;
    private final ByteBuilder parameter = new ByteBuilder(256);
    private final Map<Long, OidcStep> waiting = new HashMap<>();

    private OidcAuthenticator(
            OidcAuthConfig config,
            OidcIssuer issuer,
            OidcTokens tokens,
            LoginCookies cookies,
            byte[] processKey,
            SecureRandom random) {
        this.config = config;
        this.issuer = issuer;
        this.tokens = tokens;
        this.cookies = cookies;
        this.logins = new OidcLogins(config);
        this.refresh = new OidcRefresh(issuer, tokens, cookies, logins, waiting, processKey);
        this.random = random;
    }

    /**
     * The provider of {@code type: oidc}.
     *
     * @param documents reads what issuers publish
     * @param secrets gives the values of secrets
     * @param processKey chosen by chance at the start, and never stored
     */
    public static AuthenticatorProvider provider(KeySets documents, NamedSecrets secrets, byte[] processKey) {
        return Authenticator.withResponses(OidcAuthConfig.class, config -> {
            List<String> keys = new ArrayList<>();
            keys.add(cookieSecret(secrets, config.cookie().key(), "/cookie/key"));
            if (config.cookie().previousKey().isPresent()) {
                keys.add(cookieSecret(secrets, config.cookie().previousKey().get(), "/cookie/previousKey"));
            }
            String purpose = config.issuer() + " " + config.clientId() + " "
                    + config.cookie().name();
            OidcTokens tokens = new OidcTokens(config, secrets.required(config.clientSecret(), "/clientSecret"));
            return () -> {
                SecureRandom random = ownRandom();
                return new OidcAuthenticator(
                        config,
                        new OidcIssuer(config, documents),
                        tokens,
                        new LoginCookies(config.cookie(), new CookieSeal(keys, purpose, random)),
                        processKey,
                        random);
            };
        });
    }

    // The platform's usual one reads a file under a lock that all threads share. This one is seeded here, beside the
    // workers, and computes from then on.
    private static SecureRandom ownRandom() {
        try {
            SecureRandom random = SecureRandom.getInstance("DRBG");
            random.nextBytes(new byte[1]);
            return random;
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has a DRBG", missing);
        }
    }

    private static String cookieSecret(NamedSecrets secrets, SecretName name, String pointer)
            throws FilterRefusedException {
        String secret = secrets.required(name, pointer);
        if (secret.length() < SECRET_CHARS_MIN) {
            throw new FilterRefusedException(
                    pointer + "/secret",
                    "found a secret of " + secret.length() + " characters, wanted at least " + SECRET_CHARS_MIN
                            + ": whoever guesses it logs in as anybody");
        }
        return secret;
    }

    // ---- requests ----

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        boolean isSecure = config.publicUrl()
                .map(url -> url.startsWith("https:"))
                .orElse(call.client().isSecure());
        String path = request.path();
        if (path.equals(config.redirectPath())) {
            return returned(request, call, isSecure);
        }
        if (config.logoutPath().isPresent() && path.equals(config.logoutPath().get())) {
            return loggedOut(request, call, isSecure);
        }
        Login login = cookies.login(request.fields(), isSecure);
        cookies.hide(request.fields(), isSecure);
        long nowMs = call.worker().epochMs();
        if (login == null || nowMs >= login.untilMs()) {
            return begin(request, call, isSecure);
        }
        boolean isDue = nowMs >= login.freshUntilMs() - EARLY_MS
                && !login.refreshToken().isEmpty();
        return isDue
                ? refresh.refresh(login, call, isSecure, () -> anyhow(login, request, call, isSecure))
                : anyhow(login, request, call, isSecure);
    }

    // As the login stands: it is good, or another has to begin.
    private Verdict anyhow(Login login, RequestView request, FilterCall call, boolean isSecure) {
        return call.worker().epochMs() < login.freshUntilMs()
                ? OidcLogins.admit(login, call)
                : begin(request, call, isSecure);
    }

    // A login that was refreshed on the way goes back with the upstream's answer.
    @Override
    public Verdict onResponse(ResponseView response, FilterCall call) {
        if (call.attachment() instanceof List<?> set) {
            for (Object cookie : set) {
                response.fields().add("Set-Cookie", String.valueOf(cookie));
            }
        }
        return Verdict.CONTINUE;
    }

    @Override
    public void cancelled(long ticket) {
        OidcStep step = waiting.remove(ticket);
        if (step != null) {
            step.cancel();
        }
    }

    @Override
    public void close() {
        List.copyOf(waiting.values()).forEach(OidcStep::cancel);
        waiting.clear();
    }

    // ---- the way to the issuer ----

    private Verdict begin(RequestView request, FilterCall call, boolean isSecure) {
        if (!isNavigation(request)) {
            call.challenge(CHALLENGE);
            return Verdict.CONTINUE;
        }
        if (waiting.size() >= WAITING_MAX) {
            return BUSY;
        }
        LoginAttempt attempt = attempt(request, call, isSecure);
        OidcStep step = new OidcStep(call, waiting);
        issuer.published(call.worker(), at -> {
            if (!step.isOver()) {
                step.end(at == null ? noIssuer() : sent(at, attempt, call, isSecure));
            }
        });
        return Verdict.SUSPENDED;
    }

    private Verdict noIssuer() {
        KeySets.Document latest = issuer.latest();
        return unavailable("the issuer's configuration or its keys cannot be used: " + latest.fault(), latest.code());
    }

    private static Verdict unavailable(String detail, String code) {
        return new Verdict.Failed(Reason.LOGIN_UNAVAILABLE, detail, code);
    }

    private LoginAttempt attempt(RequestView request, FilterCall call, boolean isSecure) {
        String query = request.query();
        return LoginAttempt.begin(
                random,
                base(request, isSecure) + config.redirectPath(),
                query.isEmpty() ? request.path() : request.path() + "?" + query,
                call.worker().epochMs());
    }

    private Verdict sent(OidcIssuer.Published at, LoginAttempt attempt, FilterCall call, boolean isSecure) {
        call.worker().count(Counter.LOGINS_BEGUN);
        String location = at.authorize() + (at.authorize().indexOf('?') < 0 ? "?" : "&")
                + "response_type=code&client_id=" + IntrospectionExchange.form(config.clientId()) + "&redirect_uri="
                + IntrospectionExchange.form(attempt.redirectUri()) + "&scope="
                + IntrospectionExchange.form(String.join(" ", config.scopes())) + "&state=" + attempt.state()
                + "&nonce=" + attempt.nonce() + "&code_challenge=" + attempt.challenge()
                + "&code_challenge_method=S256";
        return redirect(location, cookies.set(attempt, call.request().fields(), isSecure));
    }

    /** Whether a person looks at a page; what a script asks for is told, not sent away. */
    private static boolean isNavigation(RequestView request) {
        Fields fields = request.fields();
        int accept = fields.find("accept");
        int mode = fields.find("sec-fetch-mode");
        int destination = fields.find("sec-fetch-dest");
        return request.method().equals("GET")
                && accept >= 0
                && fields.value(accept).contains("text/html")
                && fields.find("x-requested-with") < 0
                && (mode < 0 || fields.valueEquals(mode, "navigate"))
                && (destination < 0 || fields.valueEquals(destination, "document"));
    }

    private static Verdict redirect(String location, List<String> set) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("Location", location));
        headers.add(Map.entry("Cache-Control", "no-store"));
        set.forEach(cookie -> headers.add(Map.entry("Set-Cookie", cookie)));
        return new Verdict.Answered(new Answer(FOUND, headers, new byte[0]));
    }

    // ---- the way back ----

    private Verdict returned(RequestView request, FilterCall call, boolean isSecure) {
        String state = parameter(request, "state");
        LoginAttempt attempt = state.isEmpty() ? null : cookies.attempt(request.fields(), isSecure, state);
        if (attempt == null || !attempt.isAnsweredBy(state) || call.worker().epochMs() >= attempt.untilMs()) {
            call.worker().count(Counter.LOGINS_FAILED);
            return STRANGE;
        }
        String code = parameter(request, "code");
        String iss = parameter(request, "iss");
        // Whoever reads the log must not be able to redeem it first.
        request.removeQueryParameter("code");
        request.removeQueryParameter("state");
        if (code.isEmpty()) {
            call.worker().count(Counter.LOGINS_FAILED);
            return DENIED;
        }
        if (waiting.size() >= WAITING_MAX) {
            return BUSY;
        }
        OidcStep step = new OidcStep(call, waiting);
        issuer.published(call.worker(), at -> {
            if (at == null) {
                fail(step, noIssuer());
            } else if (iss.isEmpty() ? at.namesItself() : !iss.equals(config.issuer())) {
                // An answer of another issuer than the one that was asked (RFC 9700 section 4.4).
                fail(step, STRANGE);
            } else {
                step.ask(
                        tokens.redeem(at, code, attempt),
                        response -> redeemed(tokens.read(response), at, attempt, step, isSecure),
                        (why, words) ->
                                fail(step, unavailable("the issuer's token endpoint gave no answer: " + words, why)));
            }
        });
        return Verdict.SUSPENDED;
    }

    private String parameter(RequestView request, String name) {
        parameter.clear();
        boolean isOne = request.queryParameter(name, parameter) == 1 && parameter.length() <= PARAMETER_BYTES_MAX;
        return isOne ? new String(parameter.array(), 0, parameter.length(), StandardCharsets.UTF_8) : "";
    }

    private static void fail(OidcStep step, Verdict why) {
        step.worker().count(Counter.LOGINS_FAILED);
        step.end(why);
    }

    private void redeemed(
            OidcTokens.@Nullable Given given,
            OidcIssuer.Published at,
            LoginAttempt attempt,
            OidcStep step,
            boolean isSecure) {
        JWSObject token = given == null ? null : OidcTokens.parse(given.idToken());
        if (given == null || token == null) {
            fail(step, NO_TOKEN);
            return;
        }
        issuer.verify(token, at, step.worker(), isGood -> {
            if (step.isOver()) {
                return;
            }
            FilterWorker worker = step.worker();
            long nowMs = worker.epochMs();
            Map<String, Object> claims = isGood ? tokens.claims(token, attempt.nonce(), nowMs) : null;
            if (claims == null) {
                fail(step, isGood || issuer.latest().code().isEmpty() ? NO_TOKEN : noIssuer());
                return;
            }
            Login login = logins.of(
                    claims, given, worker, nowMs + config.cookie().ttl().toMillis());
            if (login == null) {
                fail(step, OidcLogins.NO_CONSUMER);
                return;
            }
            List<String> set = new ArrayList<>(cookies.set(login, isSecure, nowMs));
            if (set.isEmpty()) {
                fail(step, TOO_LARGE);
                return;
            }
            set.add(cookies.end(attempt, isSecure));
            worker.count(Counter.LOGINS_DONE);
            step.end(redirect(attempt.returnTo(), set));
        });
    }

    // ---- the end ----

    // A link or a form of a stranger's ends nobody's login: browsers tell where a request comes from (Fetch Metadata;
    // older ones by Origin, as
    // far as they send it).
    private boolean isOfAnotherSite(RequestView request, boolean isSecure) {
        Fields fields = request.fields();
        int site = fields.find("sec-fetch-site");
        if (site >= 0) {
            return fields.valueEquals(site, "cross-site");
        }
        int origin = fields.find("origin");
        return origin >= 0 && !fields.value(origin).equals(base(request, isSecure));
    }

    private String base(RequestView request, boolean isSecure) {
        return config.publicUrl().orElse((isSecure ? "https://" : "http://") + request.authority());
    }

    private Verdict loggedOut(RequestView request, FilterCall call, boolean isSecure) {
        if (isOfAnotherSite(request, isSecure)) {
            return LOGOUT_ASKED;
        }
        call.worker().count(Counter.LOGINS_ENDED);
        List<String> set = cookies.end(request.fields(), isSecure);
        if (config.afterLogout().isPresent()) {
            return redirect(config.afterLogout().get(), set);
        }
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("Content-Type", "text/plain; charset=utf-8"));
        headers.add(Map.entry("Cache-Control", "no-store"));
        set.forEach(cookie -> headers.add(Map.entry("Set-Cookie", cookie)));
        return new Verdict.Answered(
                new Answer(OK, headers, "You are logged out.\n".getBytes(StandardCharsets.US_ASCII)));
    }
}

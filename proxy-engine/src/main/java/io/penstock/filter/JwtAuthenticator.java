package io.penstock.filter;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jwt.JWTClaimsSet;
import io.penstock.config.JwtAuthConfig;
import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.DigestKind;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.net.URI;
import java.text.ParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Signed bearer tokens. A token's signature is checked on the worker, some tens of microseconds, and once: what was found
 * good is remembered by a digest under a key of this process until it expires, or the issuer has other keys. Where the keys
 * are not there yet, or a token names one that is not among them, the exchange waits until the set was read.
 */
@WorkerConfined
public final class JwtAuthenticator implements Filter {
    private static final String AUTHORIZATION = "authorization";
    private static final String SCHEME = "bearer ";
    private static final int TOKEN_BYTES_MAX = 16 * 1024;
    private static final int REMEMBERED_MAX = 4096;
    private static final int WAITING_MAX = 1024;
    private static final String CHALLENGE = "Bearer realm=\"api\"";

    private static final Verdict TWICE =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "there are two Authorization fields");
    private static final Verdict MALFORMED =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the token is no signed JWT");
    private static final Verdict UNSIGNED = new Verdict.Failed(
            Reason.CREDENTIAL_INVALID, "no key of the issuer has made the token's signature by an accepted algorithm");
    private static final Verdict NOT_OURS =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the token is of another issuer or for another audience");
    private static final Verdict NO_CONSUMER =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the token names no consumer of this configuration");
    private static final Verdict EXPIRED =
            new Verdict.Failed(Reason.CREDENTIAL_EXPIRED, "the token has expired, or does not count yet");
    private static final Verdict BUSY = new Verdict.Failed(Reason.AUTH_BUSY, "too many tokens wait for keys");

    private record Digest(long high, long low) {}

    /** A token that was found good. */
    private record Remembered(Identity identity, long notBeforeMs, long expiresMs) {}

    private final JwtAuthConfig config;
    private final ClaimIdentity who;
    private final Set<String> algorithms;
    private final Optional<URI> address;
    private final long skewMs;
    private final KeySets sets;
    private final CredentialDigest digest;
    private final Map<Digest, Remembered> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Remembered> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private @Nullable IssuerKeys keys;
    private String keysText = "";
    private KeySets.Document latest = KeySets.Document.read("");
    private long keysAtNs;
    private boolean isAsking;

    /** A request whose token no key fits yet. */
    private record Waiting(FilterCall call, JWSObject token, Digest digest) {}

    private JwtAuthenticator(JwtAuthConfig config, @Nullable IssuerKeys given, KeySets sets, byte[] processKey) {
        this.config = config;
        this.who = new ClaimIdentity(config.consumerClaim(), config.groupsClaim());
        this.algorithms = Set.copyOf(config.algorithms());
        this.address = config.jwksUrl().map(URI::create);
        this.skewMs = config.clockSkew().toMillis();
        this.sets = sets;
        this.digest = new CredentialDigest(processKey);
        this.keys = given;
    }

    /**
     * The provider of {@code type: jwt}.
     *
     * @param sets reads the keys of issuers
     * @param processKey chosen by chance at the start, and never stored
     */
    public static AuthenticatorProvider provider(KeySets sets, byte[] processKey) {
        return Authenticator.provider(JwtAuthConfig.class, config -> {
            IssuerKeys keys = config.jwks().isPresent()
                    ? IssuerKeys.given(config.jwks().get().text(), Set.copyOf(config.algorithms()))
                    : null;
            return () -> new JwtAuthenticator(config, keys, sets, processKey);
        });
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        call.challenge(CHALLENGE);
        Fields fields = request.fields();
        int at = fields.find(AUTHORIZATION);
        if (at < 0 || !fields.valueStartsWithIgnoreCase(at, SCHEME)) {
            return Verdict.CONTINUE;
        }
        if (fields.find(AUTHORIZATION, at + 1) >= 0) {
            return TWICE;
        }
        int length = fields.valueLength(at) - SCHEME.length();
        if (length > TOKEN_BYTES_MAX) {
            return MALFORMED;
        }
        digest.digest(DigestKind.API_KEY, fields.bytes(), fields.valueOffset(at) + SCHEME.length(), length);
        Digest known = new Digest(digest.high(), digest.low());
        Remembered good = remembered.get(known);
        refresh(call.worker());
        if (good == null) {
            String text = fields.value(at).substring(SCHEME.length()).strip();
            hide(request);
            return check(text, known, call);
        }
        hide(request);
        return admit(good, call);
    }

    private void hide(RequestView request) {
        if (config.hideCredential()) {
            request.fields().remove(AUTHORIZATION);
        }
    }

    private Verdict check(String text, Digest known, FilterCall call) {
        JWSObject token;
        try {
            token = JWSObject.parse(text);
        } catch (ParseException | RuntimeException noToken) {
            return MALFORMED;
        }
        IssuerKeys present = keys;
        if (present != null) {
            IssuerKeys.Outcome outcome = present.verify(token);
            if (outcome == IssuerKeys.Outcome.GOOD) {
                return accept(token, known, call);
            }
            boolean isHopeless = outcome == IssuerKeys.Outcome.BAD
                    || address.isEmpty()
                    || !algorithms.contains(token.getHeader().getAlgorithm().getName());
            if (isHopeless) {
                return UNSIGNED;
            }
        }
        if (waiting.size() >= WAITING_MAX) {
            return BUSY;
        }
        waiting.put(call.suspend(), new Waiting(call, token, known));
        ask(call.worker(), present != null);
        return Verdict.SUSPENDED;
    }

    // ---- keys ----

    private void refresh(FilterWorker worker) {
        if (keys != null
                && address.isPresent()
                && worker.nowNs() - keysAtNs > config.jwksTtl().toNanos()) {
            ask(worker, false);
        }
    }

    private void ask(FilterWorker worker, boolean isMissing) {
        if (!isAsking) {
            isAsking = true;
            sets.ask(
                    worker,
                    address.orElseThrow(),
                    config.ownTls(),
                    config.jwksTtl(),
                    isMissing,
                    document -> heard(document, worker));
        }
    }

    private void heard(KeySets.Document document, FilterWorker worker) {
        String text = document.text();
        isAsking = false;
        latest = document;
        keysAtNs = worker.nowNs();
        if (!text.isEmpty() && !text.equals(keysText)) {
            try {
                keys = IssuerKeys.parse(text, algorithms);
                keysText = text;
                // A key that is gone vouches for nothing any more.
                remembered.clear();
            } catch (ParseException | RuntimeException noSet) {
                // What was there goes on; the reader cannot know what makes a set.
                keysText = keys == null ? "" : keysText;
                latest = document.unread("no-keys", "what is there is no set of public keys: " + noSet.getMessage());
            }
        }
        for (Long ticket : List.copyOf(waiting.keySet())) {
            // Whoever goes on may end another exchange, whose call is somebody else's from then on.
            Waiting request = waiting.remove(ticket);
            if (request != null) {
                worker.resume(ticket, again(request));
            }
        }
    }

    private Verdict again(Waiting request) {
        IssuerKeys present = keys;
        if (present == null) {
            return new Verdict.Failed(
                    Reason.KEYS_UNAVAILABLE, "the issuer's keys cannot be read: " + latest.fault(), latest.code());
        }
        return present.verify(request.token()) == IssuerKeys.Outcome.GOOD
                ? accept(request.token(), request.digest(), request.call())
                : UNSIGNED;
    }

    @Override
    public void cancelled(long ticket) {
        waiting.remove(ticket);
    }

    // ---- claims ----

    private Verdict accept(JWSObject token, Digest known, FilterCall call) {
        JWTClaimsSet claims;
        try {
            Map<String, Object> payload = token.getPayload().toJSONObject();
            if (payload == null) {
                return MALFORMED;
            }
            claims = JWTClaimsSet.parse(payload);
        } catch (ParseException | RuntimeException noClaims) {
            return MALFORMED;
        }
        boolean isForUs =
                config.audiences().isEmpty() || claims.getAudience().stream().anyMatch(config.audiences()::contains);
        if (!config.issuer().equals(claims.getIssuer()) || !isForUs) {
            return NOT_OURS;
        }
        if (claims.getExpirationTime() == null) {
            return EXPIRED;
        }
        String subject = claims.getSubject() == null ? "" : claims.getSubject();
        Identity identity = who.of(claims.getClaims(), subject, call.worker().credentials());
        if (identity == null || (identity.consumer() == null && subject.isEmpty())) {
            return NO_CONSUMER;
        }
        long notBefore = claims.getNotBeforeTime() == null
                ? Long.MIN_VALUE
                : claims.getNotBeforeTime().toInstant().toEpochMilli() - skewMs;
        Remembered good = new Remembered(
                identity, notBefore, claims.getExpirationTime().toInstant().toEpochMilli() + skewMs);
        remembered.put(known, good);
        return admit(good, call);
    }

    private static Verdict admit(Remembered good, FilterCall call) {
        long nowMs = call.worker().epochMs();
        if (nowMs >= good.expiresMs() || nowMs < good.notBeforeMs()) {
            return EXPIRED;
        }
        String consumer = good.identity().consumer();
        // It was there when the token was remembered; a revision may have taken it away since.
        if (consumer != null && call.worker().credentials().consumer(consumer) == null) {
            return NO_CONSUMER;
        }
        call.identify(good.identity());
        return Verdict.CONTINUE;
    }
}

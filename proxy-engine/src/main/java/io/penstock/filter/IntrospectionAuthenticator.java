package io.penstock.filter;

import io.penstock.config.IntrospectionAuthConfig;
import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.DigestKind;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that only their server understands (RFC 7662). It is asked once about a token while its answer is under way, however
 * many requests bear it, by the worker's own connections; what it says is remembered for a while, by a digest.
 *
 * <p>While it does not answer, tokens it has vouched for may go on for a time if the entry says so, and are not asked about
 * for a second after each failure; all others are refused.
 */
@WorkerConfined
public final class IntrospectionAuthenticator implements Filter {
    private static final String AUTHORIZATION = "authorization";
    private static final String SCHEME = "bearer ";
    private static final String CHALLENGE = "Bearer realm=\"api\"";
    private static final String INVALID_TOKEN = CHALLENGE + ", error=\"invalid_token\"";
    private static final int TOKEN_BYTES_MAX = 16 * 1024;
    private static final int WAITING_MAX = 1024;
    private static final long PAUSE_NS = 1_000_000_000L;

    private static final Verdict.Failed TWICE =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "there are two Authorization fields");
    private static final Verdict.Failed MALFORMED =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "what follows Bearer is no token (RFC 6750 section 2.1)");
    private static final Verdict.Failed NO_CONSUMER =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the token names no consumer of this configuration");
    private static final Verdict UNREADABLE = new Verdict.Failed(
            Reason.INTROSPECTION_UNAVAILABLE, "the server that knows of tokens gave an answer that cannot be read");
    private static final Verdict BUSY =
            new Verdict.Failed(Reason.AUTH_BUSY, "too many tokens are being asked about on this worker");

    private final IntrospectionAuthConfig config;
    private final IntrospectionExchange server;
    private final CredentialDigest digest;
    private final String scopeChallenge;
    private final TokenCache cache;
    private final Map<TokenCache.Digest, Question> underWay = new HashMap<>();
    private final Map<Long, Question> waiting = new HashMap<>();
    private boolean isDown;
    private long downUntilNs;
    private Verdict whyDown = UNREADABLE;

    private IntrospectionAuthenticator(
            IntrospectionAuthConfig config, IntrospectionExchange server, byte[] processKey) {
        this.config = config;
        this.server = server;
        this.digest = new CredentialDigest(processKey);
        this.cache = new TokenCache(config.cache().max());
        this.scopeChallenge =
                CHALLENGE + ", error=\"insufficient_scope\", scope=\"" + String.join(" ", config.scopes()) + "\"";
    }

    /**
     * The provider of {@code type: introspection}.
     *
     * @param secrets gives the values of secrets
     * @param processKey chosen by chance at the start, and never stored
     */
    public static AuthenticatorProvider provider(NamedSecrets secrets, byte[] processKey) {
        return Authenticator.provider(IntrospectionAuthConfig.class, config -> {
            String secret = secrets.required(config.clientSecret(), "/clientSecret");
            IntrospectionExchange server = new IntrospectionExchange(config, secret);
            return () -> new IntrospectionAuthenticator(config, server, processKey);
        });
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        Fields fields = request.fields();
        int at = fields.find(AUTHORIZATION);
        if (at < 0 || !fields.valueStartsWithIgnoreCase(at, SCHEME)) {
            call.challenge(CHALLENGE);
            return Verdict.CONTINUE;
        }
        if (fields.find(AUTHORIZATION, at + 1) >= 0) {
            return refused(TWICE, call);
        }
        byte[] bytes = fields.bytes();
        int offset = fields.valueOffset(at) + SCHEME.length();
        int length = fields.valueLength(at) - SCHEME.length();
        if (length > TOKEN_BYTES_MAX || !isToken(bytes, offset, length)) {
            return refused(MALFORMED, call);
        }
        digest.digest(DigestKind.API_KEY, bytes, offset, length);
        TokenCache.Digest token = new TokenCache.Digest(digest.high(), digest.low());
        TokenCache.Known known = cache.find(token);
        FilterWorker worker = call.worker();
        boolean isFresh = known != null && worker.epochMs() < known.freshUntilMs();
        String text = isFresh ? "" : new String(bytes, offset, length, StandardCharsets.US_ASCII);
        if (config.hideCredential()) {
            fields.remove(AUTHORIZATION);
        }
        if (known != null && isFresh) {
            worker.count(Counter.INTROSPECTIONS_REMEMBERED);
            return answer(known, call);
        }
        return ask(token, text, known, call);
    }

    // RFC 6750 section 2.1: b64token. Nothing else is worth asking about.
    private static boolean isToken(byte[] bytes, int offset, int length) {
        int end = offset + length;
        while (end > offset && bytes[end - 1] == '=') {
            end--;
        }
        for (int i = offset; i < end; i++) {
            int c = bytes[i];
            boolean isLetterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!isLetterOrDigit && "-._~+/".indexOf(c) < 0) {
                return false;
            }
        }
        return end > offset;
    }

    private Verdict ask(TokenCache.Digest token, String text, TokenCache.@Nullable Known old, FilterCall call) {
        FilterWorker worker = call.worker();
        Question question = underWay.get(token);
        if (question == null) {
            boolean isPausing = isDown && worker.nowNs() - downUntilNs < 0;
            if (isPausing && isUsable(old, worker)) {
                return without(old, call);
            }
            if (underWay.size() >= config.concurrency()) {
                return isUsable(old, worker) ? without(old, call) : BUSY;
            }
            question = new Question(token, old, worker);
            underWay.put(token, question);
            question.request = worker.outbound().sendRepeatable(server.question(text), question);
            worker.count(Counter.INTROSPECTIONS);
        } else if (waiting.size() >= WAITING_MAX) {
            return BUSY;
        }
        long ticket = call.suspend();
        question.calls.put(ticket, call);
        waiting.put(ticket, question);
        return Verdict.SUSPENDED;
    }

    private static boolean isUsable(TokenCache.@Nullable Known old, FilterWorker worker) {
        return old != null && old.identity() != null && worker.epochMs() < old.usableUntilMs();
    }

    // The server cannot be asked now.
    private Verdict without(TokenCache.@Nullable Known old, FilterCall call) {
        if (old == null || !isUsable(old, call.worker())) {
            return whyDown;
        }
        call.worker().count(Counter.INTROSPECTIONS_STALE);
        return answer(old, call);
    }

    private Verdict answer(TokenCache.Known known, FilterCall call) {
        if (known.refusal() != null || known.identity() == null) {
            return refused(known.refusal() == null ? MALFORMED : known.refusal(), call);
        }
        String consumer = known.identity().consumer();
        // It was there when the server was asked; a revision may have taken it away since.
        if (consumer != null && call.worker().credentials().consumer(consumer) == null) {
            return refused(NO_CONSUMER, call);
        }
        call.identify(known.identity());
        return Verdict.CONTINUE;
    }

    private Verdict refused(Verdict.Failed why, FilterCall call) {
        call.challenge(why.reason() == Reason.SCOPE_REQUIRED ? scopeChallenge : INVALID_TOKEN);
        return why;
    }

    @Override
    public void cancelled(long ticket) {
        Question question = waiting.remove(ticket);
        if (question != null) {
            question.calls.remove(ticket);
        }
    }

    @Override
    public void close() {
        for (Question question : List.copyOf(underWay.values())) {
            Outbound.Call request = question.request;
            if (request != null) {
                request.cancel();
            }
        }
        underWay.clear();
    }

    /** What the server is being asked about one token, and who waits for the answer. */
    private final class Question implements Outbound.Listener {
        private final TokenCache.Digest token;
        private final TokenCache.@Nullable Known old;
        private final FilterWorker worker;
        private final Map<Long, FilterCall> calls = new LinkedHashMap<>();
        private Outbound.@Nullable Call request;

        Question(TokenCache.Digest token, TokenCache.@Nullable Known old, FilterWorker worker) {
            this.token = token;
            this.old = old;
            this.worker = worker;
        }

        @Override
        public void responded(Outbound.Response response) {
            TokenCache.Known known = server.read(response, worker);
            if (known == null) {
                unanswered(UNREADABLE);
                return;
            }
            isDown = false;
            cache.put(token, known);
            tell(known);
        }

        @Override
        public void failed(String reason, String detail) {
            unanswered(new Verdict.Failed(
                    Reason.INTROSPECTION_UNAVAILABLE,
                    "the server that knows of tokens gave no answer: " + detail,
                    reason));
        }

        private void unanswered(Verdict why) {
            isDown = true;
            whyDown = why;
            downUntilNs = worker.nowNs() + PAUSE_NS;
            worker.count(Counter.INTROSPECTIONS_FAILED);
            tell(null);
        }

        private void tell(TokenCache.@Nullable Known known) {
            underWay.remove(token);
            for (Long ticket : List.copyOf(calls.keySet())) {
                // Whoever goes on may end another exchange, whose call is somebody else's from then on.
                FilterCall call = calls.remove(ticket);
                if (call != null) {
                    waiting.remove(ticket);
                    worker.resume(ticket, known == null ? without(old, call) : answer(known, call));
                }
            }
        }
    }
}

package io.penstock.filter;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.config.IntrospectionAuthConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The words of RFC 7662: what is asked about a token, and what the answer means. Without state. */
final class IntrospectionExchange {
    private static final int ANSWER_BYTES_MAX = 64 * 1024;
    private static final int OK = 200;
    private static final long MS = 1000;

    private static final Verdict.Failed INACTIVE =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the server says that the token is not active");
    private static final Verdict.Failed EXPIRED =
            new Verdict.Failed(Reason.CREDENTIAL_EXPIRED, "the token has expired, or does not count yet");
    private static final Verdict.Failed NOT_OURS =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the token is of another issuer or for another audience");
    private static final Verdict.Failed NO_SCOPE =
            new Verdict.Failed(Reason.SCOPE_REQUIRED, "the token lacks a scope that the entry asks for");
    private static final Verdict.Failed NO_CONSUMER =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the token names no consumer of this configuration");

    private final IntrospectionAuthConfig config;
    private final OwnTarget target;
    private final ClaimIdentity who;
    private final List<Map.Entry<String, String>> headers;

    IntrospectionExchange(IntrospectionAuthConfig config, String secret) {
        this.config = config;
        this.target = OwnTarget.of(config.url(), config.ownTls());
        this.who = new ClaimIdentity(config.consumerClaim(), config.groupsClaim());
        this.headers = List.of(
                Map.entry("Authorization", basic(config.clientId(), secret)),
                Map.entry("Content-Type", "application/x-www-form-urlencoded"),
                Map.entry("Accept", "application/json"));
    }

    /** A client's name and secret in the Basic scheme, each encoded as a form's value before (RFC 6749 section 2.3.1). */
    static String basic(String clientId, String secret) {
        String pair = form(clientId) + ":" + form(secret);
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
    }

    static String form(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    Outbound.Request question(String token) {
        byte[] body = ("token=" + form(token) + "&token_type_hint=access_token").getBytes(StandardCharsets.US_ASCII);
        return target.request("POST", headers, body, config.timeout(), ANSWER_BYTES_MAX);
    }

    /** What an answer says; null if it says nothing that could be read. */
    TokenCache.@Nullable Known read(Outbound.Response response, FilterWorker worker) {
        if (response.status() != OK) {
            return null;
        }
        Map<String, Object> said;
        try {
            said = JSONObjectUtils.parse(new String(response.body(), StandardCharsets.UTF_8));
        } catch (ParseException | RuntimeException noObject) {
            return null;
        }
        if (!(said.get("active") instanceof Boolean isActive)) {
            return null;
        }
        long nowMs = worker.epochMs();
        if (!isActive) {
            return bad(INACTIVE, nowMs);
        }
        long expiresMs = epochMs(said.get("exp"), Long.MAX_VALUE);
        if (nowMs >= expiresMs || nowMs < epochMs(said.get("nbf"), Long.MIN_VALUE)) {
            return bad(EXPIRED, nowMs);
        }
        boolean isOfIssuer = config.issuer().isEmpty() || config.issuer().equals(Optional.ofNullable(said.get("iss")));
        boolean isForUs = config.audiences().isEmpty()
                || ClaimIdentity.texts(said.get("aud")).stream().anyMatch(config.audiences()::contains);
        if (!isOfIssuer || !isForUs) {
            return bad(NOT_OURS, nowMs);
        }
        if (!ClaimIdentity.texts(said.get("scope")).containsAll(config.scopes())) {
            return bad(NO_SCOPE, nowMs);
        }
        Identity identity = who.of(said, subject(said), worker.credentials());
        if (identity == null) {
            return bad(NO_CONSUMER, nowMs);
        }
        long freshUntilMs = Math.min(nowMs + config.cache().ttl().toMillis(), expiresMs);
        long staleMs = config.cache().stale().map(time -> time.toMillis()).orElse(0L);
        return new TokenCache.Known(identity, null, freshUntilMs, Math.min(freshUntilMs + staleMs, expiresMs));
    }

    private TokenCache.Known bad(Verdict.Failed why, long nowMs) {
        return new TokenCache.Known(
                null, why, nowMs + config.cache().negativeTtl().toMillis(), 0);
    }

    private static String subject(Map<String, Object> said) {
        for (String name : List.of("sub", "username", "client_id")) {
            String text = ClaimIdentity.text(said, name);
            if (!text.isEmpty()) {
                return text;
            }
        }
        return "";
    }

    private static long epochMs(@Nullable Object seconds, long absent) {
        return seconds instanceof Number number ? Math.clamp(number.longValue(), 0, Long.MAX_VALUE / MS) * MS : absent;
    }
}

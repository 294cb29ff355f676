package io.penstock.filter;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.config.OidcAuthConfig;
import io.penstock.spi.Outbound;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The words of the token endpoint: what it is asked, and what an ID token has to say (OpenID Connect Core 1.0 section 3.1.3). Without state. */
final class OidcTokens {
    private static final int ANSWER_BYTES_MAX = 128 * 1024;
    private static final int OK = 200;
    private static final long MS = 1000;

    /**
     * What the token endpoint gave.
     *
     * @param idToken empty if it gave none
     * @param refreshToken empty if it gave none
     * @param expiresInMs how long the access token counts, 0 if it does not say
     */
    record Given(String idToken, String refreshToken, long expiresInMs) {}

    private final OidcAuthConfig config;
    private final String secret;

    OidcTokens(OidcAuthConfig config, String secret) {
        this.config = config;
        this.secret = secret;
    }

    Outbound.Request redeem(OidcIssuer.Published at, String code, LoginAttempt attempt) {
        return request(
                at,
                "grant_type=authorization_code&code=" + IntrospectionExchange.form(code) + "&redirect_uri="
                        + IntrospectionExchange.form(attempt.redirectUri()) + "&code_verifier="
                        + IntrospectionExchange.form(attempt.verifier()));
    }

    Outbound.Request refresh(OidcIssuer.Published at, String refreshToken) {
        return request(at, "grant_type=refresh_token&refresh_token=" + IntrospectionExchange.form(refreshToken));
    }

    private Outbound.Request request(OidcIssuer.Published at, String form) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("Content-Type", "application/x-www-form-urlencoded"));
        headers.add(Map.entry("Accept", "application/json"));
        String body = form;
        if (at.takesPost()) {
            body += "&client_id=" + IntrospectionExchange.form(config.clientId()) + "&client_secret="
                    + IntrospectionExchange.form(secret);
        } else {
            headers.add(Map.entry("Authorization", IntrospectionExchange.basic(config.clientId(), secret)));
        }
        return at.token()
                .request("POST", headers, body.getBytes(StandardCharsets.US_ASCII), config.timeout(), ANSWER_BYTES_MAX);
    }

    /** What was given; null if it is no answer of a token endpoint. */
    @Nullable
    Given read(Outbound.Response response) {
        if (response.status() != OK) {
            return null;
        }
        try {
            Map<String, Object> said = JSONObjectUtils.parse(new String(response.body(), StandardCharsets.UTF_8));
            long seconds = said.get("expires_in") instanceof Number number
                    ? Math.clamp(number.longValue(), 0, Integer.MAX_VALUE)
                    : 0;
            return "bearer".equalsIgnoreCase(ClaimIdentity.text(said, "token_type"))
                    ? new Given(
                            ClaimIdentity.text(said, "id_token"),
                            ClaimIdentity.text(said, "refresh_token"),
                            seconds * MS)
                    : null;
        } catch (ParseException | RuntimeException noObject) {
            return null;
        }
    }

    /** A token as it is signed; null if it is none. */
    static @Nullable JWSObject parse(String idToken) {
        try {
            return JWSObject.parse(idToken);
        } catch (ParseException | RuntimeException noToken) {
            return null;
        }
    }

    /**
     * The claims of an ID token whose signature is good; null if it is not for this login.
     *
     * @param nonce of the attempt; empty where a token was refreshed, which needs none
     */
    @Nullable
    Map<String, Object> claims(JWSObject token, String nonce, long nowMs) {
        Map<String, Object> claims = token.getPayload().toJSONObject();
        if (claims == null) {
            return null;
        }
        List<String> audience = ClaimIdentity.texts(claims.get("aud"));
        Optional<Object> party = Optional.ofNullable(claims.get("azp"));
        boolean isForUs = audience.contains(config.clientId())
                && (audience.size() == 1 || party.isPresent())
                && party.map(name -> name.equals(config.clientId())).orElse(true);
        long skewMs = config.clockSkew().toMillis();
        boolean isInTime = nowMs < expiresMs(claims) + skewMs
                && claims.get("iat") instanceof Number issued
                && issued.longValue() <= (nowMs + skewMs) / MS
                && !(claims.get("nbf") instanceof Number begin && begin.longValue() > (nowMs + skewMs) / MS);
        boolean isOfAttempt = nonce.isEmpty() || LoginAttempt.isSame(nonce, ClaimIdentity.text(claims, "nonce"));
        return config.issuer().equals(claims.get("iss"))
                        && isForUs
                        && isInTime
                        && isOfAttempt
                        && !ClaimIdentity.text(claims, "sub").isEmpty()
                ? claims
                : null;
    }

    /** When the token expires; long ago if it does not say. */
    static long expiresMs(Map<String, Object> claims) {
        return claims.get("exp") instanceof Number seconds
                ? Math.clamp(seconds.longValue(), 0, Long.MAX_VALUE / (2 * MS)) * MS
                : 0;
    }
}

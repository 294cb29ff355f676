package io.penstock.engine;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import io.penstock.transport.tls.TestCertificates;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An issuer of OpenID Connect for tests: strict with what it is asked, and wicked in what it answers where a test says so. */
final class TestIssuer {
    /** Makes an ID token of the claims that a good one has. */
    @FunctionalInterface
    interface Signing {
        String token(JWTClaimsSet claims) throws Exception;
    }

    static final RSAKey KEY = key("k1");

    final String address;
    final AtomicInteger refreshes = new AtomicInteger();
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile long expiresIn = 3600;
    volatile int refreshStatus = 200;
    volatile List<String> groups = List.of("gold");
    volatile Signing signing = claims -> signed(claims, KEY);
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    TestIssuer(Origins origins) {
        String[] self = new String[1];
        self[0] = "http://" + origins.serve(exchange -> handle(exchange, self[0]));
        address = self[0];
    }

    /** One that is asked by TLS, under the name localhost. */
    TestIssuer(Origins origins, TestCertificates.Pair pair) {
        String[] self = new String[1];
        self[0] =
                "https://localhost:" + origins.serveTls(exchange -> handle(exchange, self[0]), pair, Optional.empty());
        address = self[0];
    }

    static RSAKey key(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String signed(JWTClaimsSet claims, RSAKey key) throws Exception {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    static Map<String, String> parameters(String query) {
        Map<String, String> found = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            int at = pair.indexOf('=');
            found.put(
                    URLDecoder.decode(pair.substring(0, at), StandardCharsets.UTF_8),
                    URLDecoder.decode(pair.substring(at + 1), StandardCharsets.UTF_8));
        }
        return found;
    }

    /** A person logs in: what the browser is sent back with. */
    String authorize(String location) {
        Map<String, String> asked = parameters(location.substring(location.indexOf('?') + 1));
        String code = "code-" + count.incrementAndGet();
        codes.put(code, asked);
        return "code=" + code + "&state=" + asked.get("state");
    }

    private void handle(HttpExchange exchange, String self) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        try {
            switch (path) {
                case "/.well-known/openid-configuration" ->
                    json(
                            exchange,
                            200,
                            "{\"issuer\":\"" + self
                                    + "\",\"authorization_endpoint\":\"https://login.example/authorize\","
                                    + "\"token_endpoint\":\"" + self + "/token\",\"jwks_uri\":\"" + self + "/keys\"}");
                case "/keys" -> json(exchange, 200, new JWKSet(KEY.toPublicJWK()).toString());
                case "/token" -> token(exchange, self);
                default -> json(exchange, 404, "{}");
            }
        } catch (Exception broken) {
            throw new IOException(broken);
        }
    }

    private void token(HttpExchange exchange, String self) throws Exception {
        Map<String, String> form =
                parameters(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String basic = exchange.getRequestHeaders().getFirst("Authorization");
        String pair = new String(Base64.getDecoder().decode(basic.substring(6)), StandardCharsets.US_ASCII);
        if (!pair.equals("gateway:the+value+of+secret+client%2C+long+enough")) {
            json(exchange, 401, "{\"error\":\"invalid_client\"}");
            return;
        }
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(self)
                .audience("gateway")
                .subject("ann")
                .claim("email", "ann@example.org")
                .claim("groups", groups)
                .issueTime(Date.from(Instant.now()))
                .expirationTime(Date.from(Instant.now().plusSeconds(3600)));
        if ("refresh_token".equals(form.get("grant_type"))) {
            refreshes.incrementAndGet();
            if (refreshStatus != 200 || !form.getOrDefault("refresh_token", "").startsWith("refresh-")) {
                json(exchange, refreshStatus == 200 ? 400 : refreshStatus, "{\"error\":\"invalid_grant\"}");
                return;
            }
        } else {
            // A code counts once.
            Map<String, String> begun = codes.remove(form.getOrDefault("code", ""));
            String challenge = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256")
                            .digest(form.getOrDefault("code_verifier", "").getBytes(StandardCharsets.US_ASCII)));
            if (begun == null
                    || !begun.getOrDefault("redirect_uri", "").equals(form.get("redirect_uri"))
                    || !"S256".equals(begun.get("code_challenge_method"))
                    || !challenge.equals(begun.get("code_challenge"))) {
                json(exchange, 400, "{\"error\":\"invalid_grant\"}");
                return;
            }
            claims.claim("nonce", begun.get("nonce"));
        }
        json(
                exchange,
                200,
                "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":" + expiresIn
                        + ",\"refresh_token\":\"refresh-" + count.incrementAndGet() + "\",\"id_token\":\""
                        + signing.token(claims.build()) + "\"}");
    }

    private static void json(HttpExchange exchange, int status, String body) throws IOException {
        Origins.answer(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }

    /** How often a path was asked for. */
    long asked(String path) {
        return new ArrayList<>(asked).stream().filter(path::equals).count();
    }
}

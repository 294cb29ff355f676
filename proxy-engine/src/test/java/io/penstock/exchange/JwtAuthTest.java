package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.ConsumerGroupConfig;
import io.penstock.config.GroupsAuthConfig;
import io.penstock.config.JsonText;
import io.penstock.config.JwtAuthConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.ServiceConfig;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bearer tokens: good ones, and what attackers make of them. */
final class JwtAuthTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ISSUER = "https://id.example";
    private static final String JWKS = "https://id.example/keys";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static RSAKey rsa;
    private static RSAKey stranger;
    private static ECKey ec;

    private final WorkerHarness worker = new WorkerHarness();

    @BeforeAll
    static void makeKeys() throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("r1").keyUse(KeyUse.SIGNATURE).generate();
        stranger = new RSAKeyGenerator(2048).keyID("r1").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("e1").generate();
    }

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static JwtAuthConfig config(Optional<String> url, Optional<JsonText> jwks, Optional<String> consumerClaim) {
        return new JwtAuthConfig(
                ISSUER,
                List.of("shop"),
                url,
                jwks,
                Optional.empty(),
                List.of("RS256", "PS256", "ES256", "EdDSA"),
                consumerClaim,
                Optional.of("groups"),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                true,
                true);
    }

    private static JwtAuthConfig given() {
        return config(
                Optional.empty(),
                Optional.of(new JsonText(new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK())).toString())),
                Optional.empty());
    }

    private void serve(AuthConfig... auth) {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(ConsumerGroupConfig.named("gold").build())
                .with(ConsumerConfig.named("acme").groups("gold").build())
                .with(WorkerHarness.route().auth(auth).build()));
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience("shop")
                .subject("ann")
                .expirationTime(Date.from(NOW.plusSeconds(60)));
    }

    private static String token(JWSHeader header, JWTClaimsSet claims, JWSSigner signer) throws Exception {
        SignedJWT token = new SignedJWT(header, claims);
        token.sign(signer);
        return token.serialize();
    }

    private static String signed(JWTClaimsSet claims) throws Exception {
        return token(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("r1").build(), claims, new RSASSASigner(rsa));
    }

    private FakeChannel get(String token) {
        return worker.client("GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    }

    private String forwarded(String token) {
        get(token);
        String sent = worker.endpoint().sent();
        worker.endpoint().deliver(OK);
        return sent;
    }

    private void assertRefused(String token, String reason) {
        assertThat(get(token).sent())
                .startsWith("HTTP/1.1 401 ")
                .contains("X-Penstock-Reason: " + reason + "\r\n")
                .contains("WWW-Authenticate: Bearer realm=\"api\"\r\n");
        assertThat(worker.connects()).isZero();
    }

    @Test
    void goodTokensOfEachKindPassAndStayHere() throws Exception {
        serve(given());

        assertThat(forwarded(signed(claims().build())))
                .contains("X-Consumer-Subject: ann\r\n")
                .doesNotContain("uthorization");
        assertThat(forwarded(token(
                        new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("r1").build(),
                        claims().build(),
                        new RSASSASigner(rsa))))
                .contains("X-Consumer-Subject: ann\r\n");
        assertThat(forwarded(token(
                        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("e1").build(),
                        claims().build(),
                        new ECDSASigner(ec))))
                .contains("X-Consumer-Subject: ann\r\n");
        assertThat(forwarded(token(
                        new JWSHeader.Builder(JWSAlgorithm.ES256).build(), claims().build(), new ECDSASigner(ec))))
                .contains("X-Consumer-Subject: ann\r\n");
    }

    @Test
    void ed25519IsAKeyLikeOthers() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String x = base64.encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
        serve(config(
                Optional.empty(),
                Optional.of(new JsonText("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\"}]}")),
                Optional.empty()));
        String input = base64.encodeToString("{\"alg\":\"EdDSA\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + base64.encodeToString(claims().build().toString().getBytes(StandardCharsets.UTF_8));
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update(input.getBytes(StandardCharsets.US_ASCII));
        String signature = base64.encodeToString(signer.sign());

        assertThat(forwarded(input + "." + signature)).contains("X-Consumer-Subject: ann\r\n");
        assertThat(get(input + "." + base64.encodeToString(new byte[64])).sent())
                .startsWith("HTTP/1.1 401 ");
    }

    @Test
    void aGoodTokenExpiresAlsoWhereItIsRemembered() throws Exception {
        serve(given());
        String token = signed(claims().build());
        forwarded(token);

        worker.timePasses(Duration.ofSeconds(89));
        forwarded(token);
        worker.timePasses(Duration.ofSeconds(2));

        assertThat(get(token).sent()).contains("X-Penstock-Reason: credential-expired\r\n");
    }

    @Test
    void expiredEarlyForeignAndMisdirectedTokensAreRefused() throws Exception {
        serve(given(), new AnonymousAuthConfig());

        assertRefused(
                signed(claims().expirationTime(Date.from(NOW.minusSeconds(31))).build()), "credential-expired");
        assertRefused(
                signed(claims().notBeforeTime(Date.from(NOW.plusSeconds(31))).build()), "credential-expired");
        assertRefused(signed(claims().expirationTime(null).build()), "credential-expired");
        assertRefused(signed(claims().issuer("https://evil.example").build()), "credential-invalid");
        assertRefused(signed(claims().audience("other").build()), "credential-invalid");
        assertRefused(signed(claims().subject(null).build()), "credential-invalid");
    }

    @Test
    void theAlgorithmIsTheKeysAndNeverTheTokens() throws Exception {
        serve(given());
        String none = Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
                + "." + signed(claims().build()).split("\\.", -1)[1] + ".";

        assertRefused(none, "credential-invalid");
        // The public key as a shared secret: the oldest confusion.
        assertRefused(
                token(
                        new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("r1").build(),
                        claims().build(),
                        new MACSigner(rsa.toRSAPublicKey().getEncoded())),
                "credential-invalid");
        assertRefused(
                token(
                        new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("r1").build(),
                        claims().build(),
                        new RSASSASigner(rsa)),
                "credential-invalid");
    }

    @Test
    void keysAndAddressesInTheTokenAreOfNoEffect() throws Exception {
        serve(given());

        assertRefused(
                token(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID("r1")
                                .jwk(stranger.toPublicJWK())
                                .build(),
                        claims().build(),
                        new RSASSASigner(stranger)),
                "credential-invalid");
        assertRefused(
                token(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID("../../../../dev/null")
                                .build(),
                        claims().build(),
                        new RSASSASigner(stranger)),
                "credential-invalid");
    }

    @Test
    void whatIsNoTokenIsRefused() throws Exception {
        serve(given(), new AnonymousAuthConfig());
        String good = signed(claims().build());

        for (String bad : List.of(
                "x", "a.b.c", "..", good + "x", good.substring(0, good.length() - 8), "." + good, "a".repeat(20_000))) {
            assertRefused(bad, "credential-invalid");
        }
    }

    @Test
    void keysAreReadOnceAndAllWhoWaitGoOn() throws Exception {
        serve(config(Optional.of(JWKS), Optional.empty(), Optional.empty()));
        FakeChannel first = get(signed(claims().build()));
        FakeChannel second = get(signed(claims().subject("bob").build()));
        assertThat(first.sent() + second.sent()).isEmpty();
        assertThat(worker.keySets().asked()).isEqualTo(1);

        worker.keySets().answer(new JWKSet(rsa.toPublicJWK()).toString());
        worker.run();

        assertThat(worker.connects()).isEqualTo(2);
        forwarded(signed(claims().build()));
        assertThat(worker.keySets().asked()).isEqualTo(1);
    }

    @Test
    void withoutKeysNobodyPassesAndItIsNotTheClientsFault() throws Exception {
        serve(config(Optional.of(JWKS), Optional.empty(), Optional.empty()));
        FakeChannel client = get(signed(claims().build()));

        worker.keySets().answer("");
        worker.run();

        assertThat(client.sent()).startsWith("HTTP/1.1 503 ").contains("X-Penstock-Reason: keys-unavailable\r\n");
    }

    @Test
    void aKeyThatIsNewIsLookedForAndOneThatIsGoneVouchesNoMore() throws Exception {
        RSAKey next = new RSAKeyGenerator(2048).keyID("r2").generate();
        serve(config(Optional.of(JWKS), Optional.empty(), Optional.empty()));
        String old = signed(claims().build());
        get(old);
        worker.keySets().answer(new JWKSet(rsa.toPublicJWK()).toString());
        worker.run();
        worker.endpoint().deliver(OK);

        get(token(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("r2").build(),
                claims().build(),
                new RSASSASigner(next)));
        worker.keySets().answer(new JWKSet(next.toPublicJWK()).toString());
        worker.run();
        worker.endpoint().deliver(OK);
        FakeChannel client = get(old);
        worker.keySets().answer(new JWKSet(next.toPublicJWK()).toString());
        worker.run();

        assertThat(client.sent()).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void aClaimMayNameAConsumerThatHasToExist() throws Exception {
        serve(config(Optional.empty(), given().jwks(), Optional.of("client_id")), GroupsAuthConfig.of("gold"));
        String token = signed(claims().claim("client_id", "acme").build());

        assertThat(forwarded(token)).contains("X-Consumer-Name: acme\r\n", "X-Consumer-Groups: gold\r\n");
        assertThat(get(signed(claims().claim("client_id", "nobody").build())).sent())
                .contains("credential-invalid");
        worker.publish(worker.config().without(ResourceType.CONSUMERS, "acme"));
        assertThat(get(token).sent()).contains("credential-invalid");
    }

    @Test
    void groupsOfTheTokenCountWhereItIsTheSource() throws Exception {
        serve(given(), GroupsAuthConfig.of("gold"));

        assertThat(forwarded(signed(claims().claim("groups", List.of("gold")).build())))
                .contains("X-Consumer-Groups: gold\r\n");
        assertThat(get(signed(claims().claim("groups", "silver bronze").build()))
                        .sent())
                .contains("X-Penstock-Reason: group-required\r\n");
    }
}

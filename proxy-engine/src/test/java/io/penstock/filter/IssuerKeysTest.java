package io.penstock.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.penstock.spi.FilterRefusedException;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A set of keys that lets nobody in says of each key why, and one key that is not understood spoils no issuer's set. */
final class IssuerKeysTest {
    private static final Set<String> ALGORITHMS = Set.of("RS256", "ES256", "EdDSA");
    private static final String OTHER_CURVE =
            "{\"kty\":\"EC\",\"kid\":\"curved\",\"crv\":\"brainpoolP256r1\",\"x\":\"AQ\",\"y\":\"AQ\"}";

    private static String good = "";
    private static String small = "";
    private static String forEncryption = "";
    private static String secret = "";

    @BeforeAll
    static void makeKeys() throws Exception {
        RSAKey rsa = new RSAKeyGenerator(2048).keyID("good").generate();
        good = rsa.toPublicJWK().toString();
        forEncryption = new RSAKey.Builder(rsa.toPublicJWK())
                .keyID("hidden")
                .keyUse(KeyUse.ENCRYPTION)
                .build()
                .toString();
        small = new RSAKeyGenerator(1024, true)
                .keyID("small")
                .generate()
                .toPublicJWK()
                .toString();
        secret = new OctetSequenceKeyGenerator(256).keyID("shared").generate().toString();
    }

    private static String set(String... keys) {
        return "{\"keys\":[" + String.join(",", keys) + "]}";
    }

    private static FilterRefusedException refused(String jwks) {
        return catchThrowableOfType(FilterRefusedException.class, () -> IssuerKeys.given(jwks, ALGORITHMS));
    }

    @Test
    void eachKeyThatCannotBeUsedIsNamedByIndexAndKidWithWhy() {
        FilterRefusedException none = refused(set(secret, small, forEncryption, "{\"kty\":\"AKP\"}"));

        assertThat(none)
                .hasMessageContaining("found no key that can check a signature: ")
                .hasMessageContaining("keys/0 (kid \"shared\") is a shared secret (kty oct), wanted a public key")
                .hasMessageContaining("keys/1 (kid \"small\") is an RSA key of 1024 bits, wanted 2048 or more")
                .hasMessageContaining("keys/2 (kid \"hidden\") has use \"enc\", wanted \"sig\" or none")
                .hasMessageContaining("keys/3 (no kid) is of the unknown kty \"AKP\", wanted one of [RSA, EC, OKP]")
                .hasMessageContaining("take what the issuer publishes at its jwks_uri");
        assertThat(none.pointer()).isEqualTo("/jwks/keys/0");
    }

    @Test
    void aSecretIsNeverRepeated() throws Exception {
        String hush = "aHVzaC1odXNoLWh1c2gtaHVzaC1odXNoLWh1c2gtaHVzaA";

        assertThat(refused(set("{\"kty\":\"oct\",\"k\":\"" + hush + "\"}")).getMessage())
                .doesNotContain(hush);
        assertThat(refused(set("{\"kty\":\"RSA\",\"d\":\"" + hush + "\"}")).getMessage())
                .doesNotContain(hush);
    }

    @Test
    void aKeyThatIsNoneIsRefusedAlsoBesideAGoodOne() {
        FilterRefusedException curved = refused(set(good, OTHER_CURVE));
        FilterRefusedException maimed = refused(set(good, "{\"kty\":\"RSA\",\"kid\":\"maimed\",\"e\":\"AQAB\"}", "7"));

        assertThat(curved)
                .hasMessageContaining(
                        "keys/1 (kid \"curved\") is of the unknown curve \"brainpoolP256r1\", wanted P-256");
        assertThat(curved.pointer()).isEqualTo("/jwks/keys/1");
        assertThat(maimed)
                .hasMessageContaining("found keys that cannot be used: keys/1 (kid \"maimed\") cannot be read: ")
                .hasMessageContaining("keys/2 (no kid) is no JSON object");
        assertThat(refused(set("{\"kid\":\"kindless\"}"))).hasMessageContaining("(kid \"kindless\") has no kty");
    }

    @Test
    void keysForOtherThingsMayStandBesideAGoodOne() {
        assertThatCode(() -> IssuerKeys.given(set(forEncryption, good, small), ALGORITHMS))
                .doesNotThrowAnyException();
    }

    @Test
    void curvesThatSignNothingHereAreNamed() throws Exception {
        String odd = new ECKeyGenerator(Curve.P_256)
                .keyID("k")
                .generate()
                .toPublicJWK()
                .toString()
                .replace("P-256", "X");
        String exchange = "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" + "A".repeat(43) + "\"}";
        String brief = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQ\"}";

        assertThat(refused(set(odd)))
                .hasMessageContaining("is of the unknown curve \"X\", wanted P-256, P-384 or P-521");
        assertThat(refused(set(exchange)))
                .hasMessageContaining("is of the curve \"X25519\"")
                .hasMessageContaining("Ed25519");
        assertThat(refused(set(brief))).hasMessageContaining("has an x of 1 bytes, wanted 32");
    }

    @Test
    void whatIsNoSetSaysWhatItIs() {
        assertThat(refused("7")).hasMessageContaining("found no set of public keys: it is no JSON object");
        assertThat(refused("{}")).hasMessageContaining("it has no member \"keys\"");
        assertThat(refused("{\"keys\":{}}")).hasMessageContaining("its member \"keys\" is no list of keys");
        assertThat(refused(set())).hasMessageContaining("found an empty list of keys");
        assertThat(refused(set()).pointer()).isEqualTo("/jwks/keys");
    }

    @Test
    void keysOfNoAcceptedAlgorithmAreRefusedWithTheAlgorithms() {
        FilterRefusedException other = catchThrowableOfType(
                FilterRefusedException.class, () -> IssuerKeys.given(set(good), Set.of("ES256", "EdDSA")));

        assertThat(other)
                .hasMessageContaining("found no key that signs by one of the algorithms [ES256, EdDSA], wanted one");
    }

    @Test
    void aKeyThatIsNotUnderstoodSpoilsNoSetThatAnIssuerSends() throws Exception {
        assertThat(IssuerKeys.parse(new JWKSet(RSAKey.parse(good)).toString(), ALGORITHMS))
                .isNotNull();
        assertThatCode(() -> IssuerKeys.parse(set(OTHER_CURVE, "7", "{}", good), ALGORITHMS))
                .doesNotThrowAnyException();
        assertThat(catchThrowableOfType(ParseException.class, () -> IssuerKeys.parse(set(small), ALGORITHMS)))
                .hasMessageContaining("none of its keys can check a signature: keys/0 (kid \"small\")");
    }

    @Test
    void ofManyKeysTheFirstAreTold() {
        String[] secrets = new String[300];
        Arrays.fill(secrets, secret);

        assertThat(refused(set(secrets)).getMessage())
                .contains("keys/7 ")
                .endsWith("jwks_uri")
                .contains("and 292 more");
    }
}

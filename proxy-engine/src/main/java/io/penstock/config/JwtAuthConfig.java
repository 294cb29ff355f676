package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds out who calls by a signed token (JWT, RFC 7519) in {@code Authorization: Bearer}. */
@TypeTag("jwt")
public record JwtAuthConfig(
        @Doc("What the claim iss has to be.") String issuer,

        @Doc("One of these has to be in the claim aud; empty to accept tokens for anybody.")
        List<String> audiences,

        @Doc("Where the issuer's keys are read, a JWK set; either this or jwks.")
        Optional<String> jwksUrl,

        @Doc("The issuer's public keys themselves, a JWK set: {keys: [...]}; either this or jwksUrl.")
        Optional<JsonText> jwks,

        @Doc("How TLS is spoken with an https jwksUrl, as with the targets of upstreams; with what is usual if absent.")
        Optional<UpstreamTlsConfig> tls,

        @Doc("The signatures that are accepted, as far as they fit the key; none with a shared secret.")
        @Default("RS256, PS256, ES256, EdDSA")
        List<String> algorithms,

        @Doc(
                "The claim whose text is the name of a consumer, which then has to exist; absent: callers are known by sub alone.")
        Optional<String> consumerClaim,

        @Doc("The claim that lists the caller's groups, as a list of texts or as words in one text.")
        Optional<String> groupsClaim,

        @Doc("How far the issuer's clock may be from the gateway's.") @Default("30s")
        Duration clockSkew,

        @Doc("How long keys that were read are used before they are read again; if that fails, the old ones go on.")
        @Default("10m")
        Duration jwksTtl,

        @Doc("Whether the token is taken out of the request before it goes on.") @Default("true")
        boolean hideCredential,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final Set<String> KNOWN =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");
    private static final int LIST_MAX = 64;

    public JwtAuthConfig {
        audiences = List.copyOf(audiences);
        algorithms = List.copyOf(algorithms);
        ValueChecks checks = new ValueChecks()
                .between("issuer", issuer.length(), 1, 2048)
                .between("audiences", audiences.size(), 0, LIST_MAX)
                .between("algorithms", algorithms.size(), 1, LIST_MAX)
                .require(
                        jwksUrl.isPresent() != jwks.isPresent(),
                        "jwksUrl",
                        "found " + (jwks.isPresent() ? "both jwksUrl and jwks" : "neither jwksUrl nor jwks")
                                + ", wanted one of them")
                .require(
                        !clockSkew.isNegative() && clockSkew.compareTo(Duration.ofMinutes(10)) <= 0,
                        "clockSkew",
                        "found " + DurationText.format(clockSkew) + ", wanted 0s to 10m")
                .require(
                        jwksTtl.compareTo(Duration.ofSeconds(10)) >= 0 && jwksTtl.compareTo(Duration.ofDays(1)) <= 0,
                        "jwksTtl",
                        "found " + DurationText.format(jwksTtl) + ", wanted 10s to 1d");
        for (int i = 0; i < algorithms.size(); i++) {
            checks.require(
                    KNOWN.contains(algorithms.get(i)),
                    "algorithms/" + i,
                    "found \"" + ValueText.shown(algorithms.get(i))
                            + "\", wanted one of RS, PS or ES with 256, 384 or 512," + " or EdDSA");
        }
        Optional<UpstreamTlsConfig> spoken = tls;
        // A set of public keys is no secret; that clear text lets it be exchanged is warned of.
        jwksUrl.ifPresent(url -> OwnUrl.check(checks, "jwksUrl", url, true, spoken));
        checks.require(
                jwksUrl.isPresent() || tls.isEmpty(),
                "tls",
                "found how TLS is spoken where jwks holds the keys themselves, wanted it with jwksUrl");
        checks.end();
    }

    /** Whether an algorithm of signatures may be accepted at all. */
    static boolean isKnown(String algorithm) {
        return KNOWN.contains(algorithm);
    }

    @Override
    public Optional<UpstreamTlsConfig> ownTls() {
        return jwksUrl.flatMap(url -> OwnUrl.tls(url, tls));
    }

    @Override
    public Optional<String> exposedUrl() {
        return jwksUrl.filter(OwnUrl::isExposed);
    }
}

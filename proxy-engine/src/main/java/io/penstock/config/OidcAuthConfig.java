package io.penstock.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Has people log in at an issuer (OpenID Connect Core 1.0 section 3.1, with PKCE) and remembers it in cookies. Pages are redirected there; other
 * requests without a login are not.
 */
@TypeTag("oidc")
public record OidcAuthConfig(
        @Doc(
                "The issuer, an https URL, or an http one on this machine, below which its configuration is published (/.well-known/openid-configuration).")
        String issuer,

        @Doc("What the gateway is called there.") String clientId,

        @Doc("The secret that the gateway shows there.") SecretName clientSecret,

        @Doc("Whether the issuer may be reached in clear text beyond this machine.") @Default("false")
        boolean insecure,

        @Doc(
                "How TLS is spoken with an https issuer, and with what it names, as with the targets of upstreams; with what is usual if absent.")
        Optional<UpstreamTlsConfig> tls,

        @Doc(
                "The scheme and host that browsers know the gateway by, for example https://shop.example; as they ask for it if"
                        + " absent.")
        Optional<String> publicUrl,

        @Doc("The path of this route to which the issuer sends browsers back.") @Default("/oauth2/callback")
        String redirectPath,

        @Doc("The path of this route that ends a login.") Optional<String> logoutPath,

        @Doc("The path to which a browser goes after that; absent for a short text.")
        Optional<String> afterLogout,

        @Doc("Scopes that are asked for; openid has to be among them.") @Default("openid, profile, email")
        List<String> scopes,

        @Doc("Claims of the ID token that are kept beside sub, for headers, templates and plugins.")
        @Default("email, name, preferred_username")
        List<String> claims,

        @Doc(
                "The claim whose text is the name of a consumer, which then has to exist; absent: callers are known by sub alone.")
        Optional<String> consumerClaim,

        @Doc("The claim that lists the caller's groups.") Optional<String> groupsClaim,

        @Doc("The signatures of ID tokens that are accepted, as far as they fit the key; none with a shared secret.")
        @Default("RS256, PS256, ES256, EdDSA")
        List<String> algorithms,

        @Doc("What holds a login.") OidcCookieConfig cookie,

        @Doc("How far the issuer's clock may be from the gateway's.") @Default("30s")
        Duration clockSkew,

        @Doc("How long an answer of the issuer may take.") @Default("5s")
        Duration timeout,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final int LIST_MAX = 32;
    private static final Pattern PATH =
            Pattern.compile("/([\\x21-\\x7e&&[^/?#\\\\;,\"]][\\x21-\\x7e&&[^?#\\\\;,\"]]{0,255})?");
    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,128}");

    public OidcAuthConfig {
        scopes = List.copyOf(scopes);
        claims = List.copyOf(claims);
        algorithms = List.copyOf(algorithms);
        ValueChecks checks = new ValueChecks()
                .between("clientId", clientId.length(), 1, 512)
                .count("scopes", "scopes", scopes.size(), LIST_MAX)
                .count("claims", "claims", claims.size(), LIST_MAX)
                .require(
                        scopes.contains("openid"),
                        "scopes",
                        "found no openid among them, without which an issuer gives no ID token")
                .between("clockSkew", clockSkew, Duration.ZERO, Duration.ofMinutes(10))
                .between("timeout", timeout, Duration.ofMillis(1), Duration.ofSeconds(30));
        OwnUrl.check(checks, "issuer", issuer, insecure, tls);
        checkPath(checks, "redirectPath", redirectPath);
        logoutPath.ifPresent(path -> checkPath(checks, "logoutPath", path));
        afterLogout.ifPresent(path -> checkPath(checks, "afterLogout", path));
        checks.require(
                !logoutPath.equals(Optional.of(redirectPath)),
                "logoutPath",
                "found the redirectPath, wanted another one");
        publicUrl.ifPresent(url -> checks.require(
                isOrigin(url),
                "publicUrl",
                "found \"" + ValueText.shown(url)
                        + "\", wanted a scheme and a host, for example https://shop.example"));
        for (int i = 0; i < scopes.size(); i++) {
            checks.require(
                    SCOPE.matcher(scopes.get(i)).matches(),
                    "scopes/" + i,
                    "found \"" + ValueText.shown(scopes.get(i)) + "\", wanted visible ASCII without quotes");
        }
        for (int i = 0; i < algorithms.size(); i++) {
            checks.require(
                    JwtAuthConfig.isKnown(algorithms.get(i)),
                    "algorithms/" + i,
                    "found \"" + ValueText.shown(algorithms.get(i))
                            + "\", wanted one of RS, PS or ES with 256, 384 or 512, or EdDSA");
        }
        checks.between("algorithms", algorithms.size(), 1, LIST_MAX).end();
    }

    private static void checkPath(ValueChecks checks, String member, String path) {
        checks.require(
                PATH.matcher(path).matches(),
                member,
                "found \"" + ValueText.shown(path) + "\", wanted a path that begins with one / and has no query");
    }

    private static boolean isOrigin(String url) {
        try {
            URI uri = URI.create(url);
            return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getRawPath().isEmpty()
                    && uri.getQuery() == null
                    && uri.getFragment() == null;
        } catch (IllegalArgumentException noUri) {
            return false;
        }
    }

    @Override
    public Optional<UpstreamTlsConfig> ownTls() {
        return OwnUrl.tls(issuer, tls);
    }

    @Override
    public Optional<String> exposedUrl() {
        return Optional.of(issuer).filter(OwnUrl::isExposed);
    }

    @Override
    public OidcAuthConfig withSecrets(UnaryOperator<String> naming) {
        UnaryOperator<SecretName> renamed = name -> new SecretName(naming.apply(name.secret()));
        return new OidcAuthConfig(
                issuer,
                clientId,
                renamed.apply(clientSecret),
                insecure,
                tls,
                publicUrl,
                redirectPath,
                logoutPath,
                afterLogout,
                scopes,
                claims,
                consumerClaim,
                groupsClaim,
                algorithms,
                new OidcCookieConfig(
                        cookie.name(),
                        renamed.apply(cookie.key()),
                        cookie.previousKey().map(renamed),
                        cookie.ttl()),
                clockSkew,
                timeout,
                enabled);
    }
}

package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Finds out who calls by asking an authorization server about the token (RFC 7662) in {@code Authorization: Bearer}. */
@TypeTag("introspection")
public record IntrospectionAuthConfig(
        @Doc("Where the server is asked, an https URL; an http one on this machine.")
        String url,

        @Doc("What the gateway is called there.") String clientId,

        @Doc("The secret that the gateway shows there, in the Basic scheme.")
        SecretName clientSecret,

        @Doc("Whether the server may be reached in clear text beyond this machine.") @Default("false")
        boolean insecure,

        @Doc("How TLS is spoken with an https url, as with the targets of upstreams; with what is usual if absent.")
        Optional<UpstreamTlsConfig> tls,

        @Doc("What iss has to be; any if absent.") Optional<String> issuer,

        @Doc("One of these has to be in aud; empty to accept tokens for anybody.")
        List<String> audiences,

        @Doc("Scopes that a token has to have, each of them.")
        List<String> scopes,

        @Doc(
                "The member whose text is the name of a consumer, which then has to exist, for example client_id; absent: callers"
                        + " are known by sub alone.")
        Optional<String> consumerClaim,

        @Doc(
                "The member that lists the caller's groups, as a list of texts or as words in one text, for example scope.")
        Optional<String> groupsClaim,

        @Doc("What is remembered of tokens.") IntrospectionCache cache,

        @Doc("How long an answer may take.") @Default("2s") Duration timeout,

        @Doc(
                "About how many tokens each worker asks at once; a request beyond is refused, or served with what is stale.")
        @Default("64")
        int concurrency,

        @Doc("Whether the token is taken out of the request before it goes on.") @Default("true")
        boolean hideCredential,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final int LIST_MAX = 64;
    private static final int CONCURRENCY_MAX = 1024;
    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,128}");

    public IntrospectionAuthConfig {
        audiences = List.copyOf(audiences);
        scopes = List.copyOf(scopes);
        ValueChecks checks = new ValueChecks()
                .between("clientId", clientId.length(), 1, 512)
                .between("audiences", audiences.size(), 0, LIST_MAX)
                .between("scopes", scopes.size(), 0, LIST_MAX)
                .between("timeout", timeout, Duration.ofMillis(1), Duration.ofSeconds(30))
                .between("concurrency", concurrency, 1, CONCURRENCY_MAX);
        OwnUrl.check(checks, "url", url, insecure, tls);
        for (int i = 0; i < scopes.size(); i++) {
            checks.require(
                    SCOPE.matcher(scopes.get(i)).matches(),
                    "scopes/" + i,
                    "found \"" + ValueText.shown(scopes.get(i)) + "\", wanted visible ASCII without quotes");
        }
        checks.end();
    }

    @Override
    public Optional<UpstreamTlsConfig> ownTls() {
        return OwnUrl.tls(url, tls);
    }

    @Override
    public Optional<String> exposedUrl() {
        return Optional.of(url).filter(OwnUrl::isExposed);
    }

    @Override
    public IntrospectionAuthConfig withSecrets(UnaryOperator<String> naming) {
        return new IntrospectionAuthConfig(
                url,
                clientId,
                new SecretName(naming.apply(clientSecret.secret())),
                insecure,
                tls,
                issuer,
                audiences,
                scopes,
                consumerClaim,
                groupsClaim,
                cache,
                timeout,
                concurrency,
                hideCredential,
                enabled);
    }
}

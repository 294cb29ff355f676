package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses at which the gateway itself asks: which are taken, which are warned of, and who names the TLS that is spoken there. */
final class OwnUrlTest {
    private static IntrospectionAuthConfig asking(String url, Map<String, Object> more) {
        Map<String, Object> members =
                new HashMap<>(Map.of("url", url, "clientId", "gateway", "clientSecret", new SecretName("idp")));
        members.putAll(more);
        return RecordDefaults.of(IntrospectionAuthConfig.class, members);
    }

    private static IntrospectionAuthConfig secured() {
        return asking(
                "https://id.example/introspect",
                Map.of(
                        "tls",
                        Optional.of(UpstreamTlsConfig.usual()
                                .believing("root")
                                .under("mine")
                                .showing("gateway"))));
    }

    private static RouteConfig route(AuthConfig... auth) {
        return RouteConfig.named("all")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .respond(RespondConfig.DEFAULTS)
                .auth(auth)
                .build();
    }

    private static List<String> warnings(AuthConfig... auth) {
        return ConfigValidator.warnings(
                        ProxyConfig.initial(), ProxyConfig.initial().with(route(auth)))
                .stream()
                .filter(warning -> warning.code().equals(ConfigWarning.UNENCRYPTED))
                .map(ConfigWarning::pointer)
                .toList();
    }

    @Test
    void tlsIsSpokenWithAnHttpsAddressAsWrittenOrAsUsual() {
        assertThat(asking("https://id.example/introspect", Map.of()).ownTls()).contains(UpstreamTlsConfig.usual());
        assertThat(secured().ownTls().orElseThrow().ca()).containsExactly("root");
        assertThat(asking("http://127.0.0.1/introspect", Map.of()).ownTls()).isEmpty();
    }

    @Test
    void tlsIsSaidOnlyWhereItIsSpoken() {
        Map<String, Object> tls = Map.of("tls", Optional.of(UpstreamTlsConfig.usual()));

        assertThatThrownBy(() -> asking("http://127.0.0.1/introspect", tls))
                .isInstanceOf(InvalidValueException.class)
                .hasMessageContaining("wanted an https URL");
        Map<String, Object> service = new HashMap<>(tls);
        service.put("service", Optional.of("authorizer"));
        assertThatThrownBy(() -> RecordDefaults.of(ForwardAuthConfig.class, service))
                .hasMessageContaining("service's upstream");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://id.example/", "https:///x", "https://a:b@id.example/", "http://id.example/", "no url"})
    void whatCannotBeAskedOrWouldTellASecretIsRefused(String url) {
        assertThatThrownBy(() -> asking(url, Map.of())).isInstanceOf(InvalidValueException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://id.example/", "http://8.8.8.8/", "http://[2001:db8::1]/", "http://127.0.0.1.example/"})
    void clearTextThroughUnknownNetworksIsWarnedOf(String url) {
        assertThat(warnings(asking(url, Map.of("insecure", true)))).containsExactly("/auth/0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost/",
                "http://127.0.0.1/",
                "http://[::1]/",
                "http://10.0.0.7/",
                "http://172.31.0.1/",
                "http://192.168.1.1/",
                "http://[fd00::1]/",
                "http://idp/",
                "http://idp.shop.internal/",
                "https://id.example/"
            })
    void whatIsNearOrEncryptedIsNot(String url) {
        assertThat(warnings(asking(url, Map.of("insecure", true)))).isEmpty();
    }

    @Test
    void anEntryOfAnAllOfIsWarnedOfAtItsPlace() {
        AllOfAuthConfig both = RecordDefaults.of(
                AllOfAuthConfig.class,
                Map.of(
                        "allOf",
                        List.of(
                                RecordDefaults.of(ApiKeyAuthConfig.class),
                                asking("http://id.example/", Map.of("insecure", true)))));

        assertThat(warnings(both)).containsExactly("/auth/0/allOf/1");
    }

    @Test
    void whatItsTlsNamesHasToBeThereAndIsInUse() {
        ProxyConfig config = ProxyConfig.initial().with(route(secured()));

        assertThat(ConfigValidator.validate(ProxyConfig.initial(), config).stream()
                        .map(problem -> problem.pointer() + " " + problem.code()))
                .contains(
                        "/auth/0/tls/ca/0 unknown-reference",
                        "/auth/0/tls/policy unknown-reference",
                        "/auth/0/tls/certificate unknown-reference");
        assertThat(References.usedBy(config, ResourceType.CA_BUNDLES, "root")).hasSize(1);
        assertThat(References.usedBy(config, ResourceType.TLS_POLICIES, "mine")).hasSize(1);
        assertThat(References.usedBy(config, ResourceType.CERTIFICATES, "gateway"))
                .hasSize(1);
    }
}

package io.penstock.config;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One way to find out who calls. The list of the nearest level that has one is used, in its order: the first that finds its
 * credential decides.
 */
public sealed interface AuthConfig
        permits ApiKeyAuthConfig,
                BasicAuthConfig,
                HmacAuthConfig,
                JwtAuthConfig,
                PluginAuthConfig,
                AnonymousAuthConfig,
                GroupsAuthConfig,
                AllOfAuthConfig,
                IntrospectionAuthConfig,
                ForwardAuthConfig,
                OidcAuthConfig,
                ClientCertificateAuthConfig {
    /** The text of the member {@code type}. */
    default String type() {
        return getClass().getAnnotation(TypeTag.class).value();
    }

    /** What is asked: the entry itself, or those of which it needs each. */
    default List<AuthConfig> members() {
        return List.of(this);
    }

    /** This with other words in the place of the names of secrets; settings of plugins stay as they are. */
    default AuthConfig withSecrets(UnaryOperator<String> naming) {
        return this;
    }

    /** How TLS is spoken where it asks at an address of its own; empty for clear text, or if it asks nowhere. */
    default Optional<UpstreamTlsConfig> ownTls() {
        return Optional.empty();
    }

    /** An address at which it asks in clear text, beyond this machine and networks that are surely private; empty if there is none. */
    default Optional<String> exposedUrl() {
        return Optional.empty();
    }

    /** Headers that it gives requests: what a client sends under these names goes nowhere. */
    default List<String> headersSet() {
        return List.of();
    }

    /** Whether the entry takes part. */
    default boolean enabled() {
        return true;
    }
}

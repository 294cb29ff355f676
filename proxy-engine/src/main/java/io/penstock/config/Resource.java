package io.penstock.config;

import java.util.List;
import java.util.Optional;

/** A named thing the operator wrote. Immutable; equal if all that was written is equal. */
public sealed interface Resource
        permits ListenerConfig,
                ServiceConfig,
                RouteConfig,
                UpstreamConfig,
                ApiGroupConfig,
                LimitConfig,
                PolicyConfig,
                NetworkConfig,
                BackendGrantConfig,
                AccessLogConfig,
                SecretConfig,
                ConsumerGroupConfig,
                ConsumerConfig,
                ErrorPageConfig,
                CertificateConfig,
                CaBundleConfig,
                TlsPolicyConfig,
                AcmeAccountConfig {
    /** Unique among the resources of its type. */
    String name();

    /** {@code key=value} words to select by. */
    List<String> tags();

    /** What the operator wants the next one to know. */
    Optional<String> note();

    /** Whether it takes part; what is not enabled stays written and checked, and serves nothing. */
    boolean enabled();

    /** The document that made it and may prune it. */
    Optional<String> owner();
}

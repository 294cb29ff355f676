package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the gateway speaks TLS with the targets of an upstream. */
public record UpstreamTlsConfig(
        @Doc(
                "CA bundles, one of whose authorities must have signed a target's certificate; those of the system if absent.")
        List<String> ca,

        @Doc(
                "The name that a target is asked for (SNI), and that its certificate must hold; the target's host if absent.")
        Optional<String> sni,

        @Doc("Names one of which the certificate must hold in place of that: DNS names or IP addresses.")
        List<String> sans,

        @Doc("A TLS policy: versions, cipher suites, groups.") @Default("intermediate")
        String policy,

        @Doc("The certificate that is shown to a target that asks for one.")
        Optional<String> certificate) {
    /** The most names and bundles. */
    private static final int NAMES_MAX = 64;

    public UpstreamTlsConfig {
        ca = List.copyOf(ca);
        sans = List.copyOf(sans);
        new ValueChecks()
                .count("ca", "bundles", ca.size(), NAMES_MAX)
                .count("sans", "names", sans.size(), NAMES_MAX)
                .end();
    }

    /** TLS with the authorities of the system, and the target's own name. */
    public static UpstreamTlsConfig usual() {
        return RecordDefaults.of(UpstreamTlsConfig.class, Map.of());
    }

    /** This, believing these bundles. */
    public UpstreamTlsConfig believing(String... bundles) {
        return new UpstreamTlsConfig(List.of(bundles), sni, sans, policy, certificate);
    }

    /** This, asking for this name. */
    public UpstreamTlsConfig asking(String name) {
        return new UpstreamTlsConfig(ca, Optional.of(name), sans, policy, certificate);
    }

    /** This, taking one of these names. */
    public UpstreamTlsConfig taking(String... names) {
        return new UpstreamTlsConfig(ca, sni, List.of(names), policy, certificate);
    }

    /** This under another policy. */
    public UpstreamTlsConfig under(String other) {
        return new UpstreamTlsConfig(ca, sni, sans, other, certificate);
    }

    /** This, showing a certificate. */
    public UpstreamTlsConfig showing(String name) {
        return new UpstreamTlsConfig(ca, sni, sans, policy, Optional.of(name));
    }
}

package io.penstock.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What of TLS a listener takes part in. */
public record TlsPolicyConfig(
        @Doc(
                "Unique among its type: letters, digits, dots, underscores and hyphens; modern and intermediate are there already.")
        String name,

        @Doc("The oldest version that is spoken.") @Default("TLSv1.2")
        TlsVersion minVersion,

        @Doc("The newest version that is spoken.") @Default("TLSv1.3")
        TlsVersion maxVersion,

        @Doc(
                "Cipher suites of TLS 1.2, the preferred first; all that are known if absent. Those of TLS 1.3 are always the three of RFC 8446.")
        List<String> ciphers,

        @Doc("Groups of the key exchange, the preferred first; X25519MLKEM768, X25519, P-256 and P-384 if absent.")
        List<String> groups,

        @Doc("Whether clients may resume by a ticket.") @Default("true")
        boolean sessionTickets,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    /** The suites of TLS 1.2 that are known: with forward secrecy and authenticated encryption, as RFC 9325 wants them. */
    public static final List<String> CIPHERS = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** The suites of TLS 1.3. */
    public static final List<String> CIPHERS_OF_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    /** The groups that are known. */
    public static final List<String> GROUPS = List.of("X25519MLKEM768", "X25519", "P-256", "P-384", "P-521");

    private static final List<String> USUAL_GROUPS = GROUPS.subList(0, 4);

    /** TLS 1.2 and 1.3: what listeners without a policy have. */
    public static final TlsPolicyConfig INTERMEDIATE =
            RecordDefaults.of(TlsPolicyConfig.class, Map.of("name", "intermediate"));

    /** TLS 1.3 alone. */
    public static final TlsPolicyConfig MODERN =
            RecordDefaults.of(TlsPolicyConfig.class, Map.of("name", "modern", "minVersion", TlsVersion.TLS_1_3));

    /** The names of the policies that nobody has to write. */
    static final Set<String> BUILT_IN = Set.of(INTERMEDIATE.name(), MODERN.name());

    public TlsPolicyConfig {
        ciphers = List.copyOf(ciphers);
        groups = List.copyOf(groups);
        tags = List.copyOf(tags);
        new ValueChecks().resource(name, tags, note, owner).end();
    }

    /** A policy of the members that are given, by their names, and the defaults. */
    public static TlsPolicyConfig named(String name, Map<String, Object> members) {
        Map<String, Object> all = new HashMap<>(members);
        all.put("name", name);
        return RecordDefaults.of(TlsPolicyConfig.class, all);
    }

    /** The policy of a listener, built in or written. */
    public static TlsPolicyConfig of(ListenerConfig listener, ProxyConfig config) {
        return named(listener.tlsPolicy().orElse(INTERMEDIATE.name()), config);
    }

    /** The policy of this name; the usual one where it takes no part. */
    public static TlsPolicyConfig named(String wanted, ProxyConfig config) {
        if (wanted.equals(MODERN.name())) {
            return MODERN;
        }
        return config.tlsPolicies()
                .find(wanted)
                .filter(TlsPolicyConfig::enabled)
                .orElse(INTERMEDIATE);
    }

    /** The suites of TLS 1.2 that are offered, the preferred first. */
    public List<String> ciphersOffered() {
        return ciphers.isEmpty() ? CIPHERS : ciphers;
    }

    /** The groups that are offered, the preferred first. */
    public List<String> groupsOffered() {
        return groups.isEmpty() ? USUAL_GROUPS : groups;
    }
}

package io.penstock.snapshot;

import io.penstock.config.CaBundleConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.CertificateFacts;
import io.penstock.config.ClientCertificateConfig;
import io.penstock.config.ClientCertificateMode;
import io.penstock.config.ConfigDiff;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PemText;
import io.penstock.config.Protocol;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretValue;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.spi.CredentialSecrets;
import io.penstock.transport.tls.Believed;
import io.penstock.transport.tls.ClientTrust;
import io.penstock.transport.tls.ServerContext;
import io.penstock.transport.tls.ServerNames;
import io.penstock.transport.tls.Staple;
import io.penstock.transport.tls.TicketKey;
import io.penstock.transport.tls.TlsFacts;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes what https listeners show their clients. Of one revision to the next, what is shown as before is the same object:
 * only the certificates and policies that changed cost anything. Control thread only.
 */
final class TlsCompiler {
    // What is offered to be spoken over TLS (RFC 7301); whoever adds one says in ListenerSlot.spoken what speaks it.
    private static final List<String> HTTP_1_ALONE = List.of(TlsFacts.HTTP_1_1);
    private static final List<String> WITH_HTTP_2 = List.of(TlsFacts.HTTP_2, TlsFacts.HTTP_1_1);

    private final CredentialSecrets secrets;

    private Map<Shown, Made> current = Map.of();
    private Map<Shown, Made> drafted = Map.of();
    private List<TicketKey> tickets = List.of();
    private Map<String, byte[]> staples = Map.of();

    /** A certificate as some listener shows it. */
    private record Shown(
            CertificateConfig certificate, TlsPolicyConfig policy, boolean http2, boolean http3, Asked asked) {}

    /** Whose certificates clients are asked for; bundles without certificates are none. */
    private record Asked(Optional<ClientCertificateConfig> how, List<CaBundleConfig> bundles) {
        static Asked of(ListenerConfig listener, CertificateConfig certificate, ProxyConfig config) {
            Optional<ClientCertificateConfig> how =
                    certificate.clientCertificate().or(listener::clientCertificate);
            return new Asked(
                    how,
                    how.stream()
                            .flatMap(each -> each.ca().stream())
                            .map(name -> config.caBundles().find(name))
                            .flatMap(Optional::stream)
                            .filter(CaBundleConfig::enabled)
                            .toList());
        }

        Optional<ClientTrust> trust() throws PemText.Unreadable, GeneralSecurityException {
            if (how.isEmpty()) {
                return Optional.empty();
            }
            List<X509Certificate> authorities = new ArrayList<>();
            List<X509CRL> lists = new ArrayList<>();
            for (CaBundleConfig bundle : bundles) {
                authorities.addAll(bundle.authorities());
                lists.addAll(bundle.revoked());
            }
            return Optional.of(new ClientTrust(
                    ServerContext.library(),
                    new Believed(authorities, lists),
                    how.get().mode() == ClientCertificateMode.REQUIRED));
        }
    }

    private record Made(ServerContext context, List<String> names, String fingerprint) {}

    TlsCompiler(CredentialSecrets secrets) {
        this.secrets = secrets;
    }

    /** Whether a change may be one of what listeners show. */
    static boolean concerns(ConfigDiff diff) {
        return diff.touches(ResourceType.LISTENERS)
                || diff.touches(ResourceType.CERTIFICATES)
                || diff.touches(ResourceType.TLS_POLICIES)
                || diff.touches(ResourceType.CA_BUNDLES);
    }

    /**
     * What each https listener of a configuration shows, by its name.
     *
     * @param problems takes what does not work
     */
    Map<String, ShownNames> compile(ProxyConfig config, List<ConfigProblem> problems) {
        Map<Shown, Made> next = new HashMap<>();
        Map<String, ShownNames> shown = new HashMap<>();
        for (ListenerConfig listener : config.listeners()) {
            if (listener.enabled() && listener.protocol() == Protocol.HTTPS) {
                shown.put(listener.name(), names(listener, config, next, problems));
            }
        }
        drafted = next;
        return shown;
    }

    private ShownNames names(
            ListenerConfig listener, ProxyConfig config, Map<Shown, Made> next, List<ConfigProblem> problems) {
        TlsPolicyConfig policy = TlsPolicyConfig.of(listener, config);
        NamesInTheMaking<ServerContext> contexts = new NamesInTheMaking<>();
        // By number, so that two names that ask alike are known to at a glance.
        NamesInTheMaking<Integer> askings = new NamesInTheMaking<>();
        List<Asked> kinds = new ArrayList<>();
        for (CertificateConfig certificate : certificates(listener, config)) {
            Asked asked = Asked.of(listener, certificate, config);
            Shown wanted = new Shown(certificate, policy, listener.http2(), listener.http3(), asked);
            Made made = next.get(wanted);
            if (made == null) {
                made = current.get(wanted);
            }
            if (made == null) {
                made = make(wanted, problems);
            }
            if (made == null) {
                continue;
            }
            next.put(wanted, made);
            if (!kinds.contains(asked)) {
                kinds.add(asked);
            }
            contexts.add(made.names(), made.context());
            askings.add(made.names(), kinds.indexOf(asked));
        }
        // A listener whose certificates are all still to be issued is there for the proofs that it takes.
        return new ShownNames(contexts.done(), kinds.size() > 1 ? askings.done() : null);
    }

    /** The first that is added stands for all other names too, and of two for one name the first counts. */
    private static final class NamesInTheMaking<T> {
        private final Map<String, T> exact = new HashMap<>();
        private final Map<String, T> wildcards = new HashMap<>();
        private @Nullable T any;

        void add(List<String> names, T chosen) {
            any = any == null ? chosen : any;
            for (String name : names) {
                if (name.startsWith("*.")) {
                    wildcards.putIfAbsent(name.substring(2), chosen);
                } else {
                    exact.putIfAbsent(name, chosen);
                }
            }
        }

        ServerNames<T> done() {
            return new ServerNames<>(exact, wildcards, any);
        }
    }

    private static List<CertificateConfig> certificates(ListenerConfig listener, ProxyConfig config) {
        return named(listener, config).stream()
                .filter(CertificateConfig::hasPair)
                .toList();
    }

    private static List<CertificateConfig> named(ListenerConfig listener, ProxyConfig config) {
        if (listener.certificates().isEmpty()) {
            return config.certificates().stream()
                    .filter(CertificateConfig::enabled)
                    .toList();
        }
        return listener.certificates().stream()
                .map(name -> config.certificates().find(name))
                .flatMap(Optional::stream)
                .filter(CertificateConfig::enabled)
                .toList();
    }

    private @Nullable Made make(Shown wanted, List<ConfigProblem> problems) {
        CertificateConfig certificate = wanted.certificate();
        try {
            List<X509Certificate> chain = certificate.chain();
            String fingerprint = CertificateFacts.of(chain.getFirst()).fingerprint();
            ServerContext context = ServerContext.of(
                    ServerContext.library(),
                    chain,
                    PemText.privateKey(text(certificate.key().orElseThrow())),
                    wanted.policy(),
                    wanted.http2() ? WITH_HTTP_2 : HTTP_1_ALONE,
                    wanted.asked().trust(),
                    staple(certificate, fingerprint),
                    hasTickets(wanted) ? tickets : List.of(),
                    wanted.http3());
            return new Made(context, certificate.serverNames(chain), fingerprint);
        } catch (PemText.Unreadable | GeneralSecurityException | SSLException | IllegalStateException refused) {
            problems.add(new ConfigProblem(
                    ResourceRef.of(ResourceType.CERTIFICATES, certificate.name()),
                    "",
                    ConfigProblem.BAD_VALUE,
                    "it cannot be shown: " + refused.getMessage(),
                    Optional.of("write the chain and its key anew")));
            return null;
        }
    }

    // A ticket would let a client in whose certificate was revoked since, or that showed it to another listener.
    private static boolean hasTickets(Shown shown) {
        return shown.policy().sessionTickets() && shown.asked().how().isEmpty();
    }

    private String text(SecretValue key) {
        return switch (key) {
            case SecretValue.Given given -> given.text();
            case SecretValue.Sealed sealed -> secrets.open(sealed);
            case SecretValue.Kept kept -> throw new IllegalStateException("the key is not here");
            case SecretValue.Hashed hashed -> throw new IllegalStateException("the key cannot be read back");
        };
    }

    /** What was compiled last is current. */
    void accept() {
        current = drafted;
    }

    /** What was compiled last is given up. */
    void discard() {
        drafted = current;
    }

    // What was fetched is newer than what was given.
    private Staple staple(CertificateConfig certificate, String fingerprint) {
        byte[] fetched = certificate.fetchOcsp() ? staples.get(fingerprint) : null;
        return new Staple(fetched == null ? certificate.ocsp() : fetched, certificate.fetchOcsp());
    }

    /**
     * Staples these to certificates whose state is fetched, and to the others of those what was given with them.
     *
     * @param fetched by fingerprint; not to be written to
     */
    void staples(Map<String, byte[]> fetched) {
        staples = Map.copyOf(fetched);
        current.forEach((shown, made) -> {
            if (shown.certificate().fetchOcsp()) {
                made.context()
                        .staple(staple(shown.certificate(), made.fingerprint()).response());
            }
        });
    }

    /** Replaces the keys of tickets, everywhere. */
    void tickets(List<TicketKey> keys) {
        tickets = List.copyOf(keys);
        current.forEach((shown, made) -> {
            if (hasTickets(shown)) {
                made.context().tickets(tickets);
            }
        });
    }
}

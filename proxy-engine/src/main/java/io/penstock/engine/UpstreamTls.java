package io.penstock.engine;

import io.penstock.config.CaBundleConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.PemText;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretValue;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.spi.CredentialSecrets;
import io.penstock.transport.tls.Believed;
import io.penstock.transport.tls.ClientContext;
import io.penstock.transport.tls.ServerContext;
import io.penstock.transport.tls.TlsFacts;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken with the endpoints of each upstream that wants it, and where filters ask by requests of their own. What says the same in two revisions is the same object, so that
 * connections and remembered sessions survive; a bundle, policy or certificate that changes makes it anew for those that name it.
 * Control thread, but for {@link #of}.
 */
final class UpstreamTls {
    private final CredentialSecrets secrets;
    private Map<Wanted, ClientContext> current = Map.of();
    private Map<Wanted, ClientContext> drafted = Map.of();
    private Map<String, ClientContext> draftedByName = Map.of();
    private OwnTls own = OwnTls.NONE;
    private OwnTls draftedOwn = OwnTls.NONE;
    private Map<UpstreamTlsConfig, ClientContext> byWay = Map.of();
    private Map<UpstreamTlsConfig, ClientContext> draftedByWay = Map.of();

    // Replaced as a whole by the control thread, read by the threads of health checks.
    private volatile Map<String, ClientContext> byName = Map.of();

    /** All that makes a difference. */
    private record Wanted(
            UpstreamTlsConfig tls,
            UpstreamProtocol protocol,
            List<CaBundleConfig> bundles,
            Optional<CertificateConfig> certificate,
            TlsPolicyConfig policy) {}

    UpstreamTls(CredentialSecrets secrets) {
        this.secrets = secrets;
    }

    /** How TLS is spoken with an upstream's endpoints now; empty for clear text. Any thread. */
    Optional<ClientContext> of(String upstream) {
        return Optional.ofNullable(byName.get(upstream));
    }

    /** The same, in the revision that is prepared; null for clear text. */
    @Nullable
    ClientContext drafted(String upstream) {
        return draftedByName.get(upstream);
    }

    /** How TLS is spoken where filters ask, by what their settings say of it, in the revision that is prepared. */
    Map<UpstreamTlsConfig, ClientContext> draftedOwn() {
        return draftedByWay;
    }

    /** Upstreams whose way to speak TLS is another one in the revision that is prepared, though they may be written as before. */
    List<String> changed() {
        return draftedByName.keySet().stream()
                .filter(name -> byName.get(name) != draftedByName.get(name))
                .toList();
    }

    /** Makes what a configuration wants. @return what does not work */
    List<ConfigProblem> compile(ProxyConfig before, ProxyConfig after) {
        draftedOwn = own.after(before, after);
        if (draftedOwn.ways().equals(own.ways())
                && before.upstreams().equals(after.upstreams())
                && before.caBundles().equals(after.caBundles())
                && before.certificates().equals(after.certificates())
                && before.tlsPolicies().equals(after.tlsPolicies())) {
            drafted = current;
            draftedByName = byName;
            draftedByWay = byWay;
            return List.of();
        }
        List<ConfigProblem> problems = new ArrayList<>();
        Map<Wanted, ClientContext> next = new HashMap<>();
        Map<String, ClientContext> names = new HashMap<>();
        for (UpstreamConfig upstream : after.upstreams()) {
            if (upstream.tls().isPresent()) {
                Wanted wanted = wanted(upstream.tls().get(), upstream.protocol(), after);
                ClientContext context = context(
                        wanted,
                        next,
                        problems,
                        () -> new OwnTls.Place(ResourceRef.of(ResourceType.UPSTREAMS, upstream.name()), "/tls"));
                if (context != null) {
                    names.put(upstream.name(), context);
                }
            }
        }
        Map<UpstreamTlsConfig, ClientContext> ways = new HashMap<>();
        for (UpstreamTlsConfig way : draftedOwn.ways()) {
            Wanted wanted = wanted(way, UpstreamProtocol.HTTP1, after);
            ClientContext context = context(wanted, next, problems, () -> OwnTls.placeOf(way, after));
            if (context != null) {
                ways.put(way, context);
            }
        }
        drafted = next;
        draftedByName = names;
        draftedByWay = Map.copyOf(ways);
        return problems;
    }

    private @Nullable ClientContext context(
            Wanted wanted,
            Map<Wanted, ClientContext> next,
            List<ConfigProblem> problems,
            Supplier<OwnTls.Place> place) {
        ClientContext context = next.get(wanted);
        if (context == null) {
            context = current.get(wanted);
        }
        if (context == null) {
            context = make(wanted, problems, place);
        }
        if (context != null) {
            next.put(wanted, context);
        }
        return context;
    }

    private static Wanted wanted(UpstreamTlsConfig tls, UpstreamProtocol protocol, ProxyConfig config) {
        return new Wanted(
                tls,
                protocol,
                tls.ca().stream()
                        .map(name -> config.caBundles().find(name))
                        .flatMap(Optional::stream)
                        .toList(),
                tls.certificate().flatMap(name -> config.certificates().find(name)),
                TlsPolicyConfig.named(tls.policy(), config));
    }

    private @Nullable ClientContext make(Wanted wanted, List<ConfigProblem> problems, Supplier<OwnTls.Place> place) {
        try {
            List<X509Certificate> authorities = new ArrayList<>();
            List<X509CRL> lists = new ArrayList<>();
            for (CaBundleConfig bundle : wanted.bundles()) {
                if (bundle.enabled()) {
                    authorities.addAll(bundle.authorities());
                    lists.addAll(bundle.revoked());
                }
            }
            if (authorities.isEmpty() && !wanted.tls().ca().isEmpty()) {
                throw new GeneralSecurityException(
                        "all of its CA bundles are disabled, so that nobody would be believed");
            }
            return ClientContext.of(
                    ServerContext.library(),
                    new Believed(authorities, lists),
                    identity(wanted),
                    wanted.policy(),
                    offered(wanted.protocol()),
                    wanted.tls().sni(),
                    wanted.tls().sans());
        } catch (PemText.Unreadable | GeneralSecurityException | SSLException | RuntimeException refused) {
            problems.add(new ConfigProblem(
                    place.get().ref(),
                    place.get().pointer(),
                    ConfigProblem.BAD_VALUE,
                    "TLS cannot be spoken so: " + refused.getMessage(),
                    Optional.of("look at the bundles, the policy and the certificate that it names")));
            return null;
        }
    }

    private static List<String> offered(UpstreamProtocol protocol) {
        return switch (protocol) {
            case HTTP1 -> List.of();
            case HTTP2 -> List.of(TlsFacts.HTTP_2);
            case AUTO -> List.of(TlsFacts.HTTP_2, TlsFacts.HTTP_1_1);
        };
    }

    private Optional<ClientContext.Identity> identity(Wanted wanted) throws PemText.Unreadable {
        // One that is still to be issued is shown from then on.
        Optional<CertificateConfig> certificate =
                wanted.certificate().filter(CertificateConfig::enabled).filter(CertificateConfig::hasPair);
        if (certificate.isEmpty()) {
            return Optional.empty();
        }
        CertificateConfig shown = certificate.get();
        return Optional.of(
                new ClientContext.Identity(PemText.privateKey(text(shown.key().orElseThrow())), shown.chain()));
    }

    private String text(SecretValue key) {
        return switch (key) {
            case SecretValue.Given given -> given.text();
            case SecretValue.Sealed sealed -> secrets.open(sealed);
            case SecretValue.Kept kept -> throw new IllegalStateException("the key is not here");
            case SecretValue.Hashed hashed -> throw new IllegalStateException("the key cannot be read back");
        };
    }

    /** What was compiled last is in force. */
    void accept() {
        current = drafted;
        own = draftedOwn;
        byWay = draftedByWay;
        byName = draftedByName;
    }
}

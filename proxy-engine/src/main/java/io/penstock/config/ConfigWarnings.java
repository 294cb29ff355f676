package io.penstock.config;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what may be served and is probably not meant, in what changed. */
final class ConfigWarnings {
    private static final int COUNT_MAX = 1000;

    private final List<ConfigWarning> found = new ArrayList<>();
    private final ProxyConfig config;
    private final LoginPathWarnings loginPaths;

    private ConfigWarnings(ProxyConfig config) {
        this.config = config;
        this.loginPaths = new LoginPathWarnings(config);
    }

    static List<ConfigWarning> of(ConfigDiff diff, ProxyConfig after) {
        ConfigWarnings warnings = new ConfigWarnings(after);
        for (ResourceChange change : diff.changes()) {
            change.after().ifPresent(resource -> warnings.look(change.ref(), resource));
        }
        if (diff.defaultsChanged()) {
            warnings.lookAtLevel(ResourceRef.DEFAULTS, after.defaults());
        }
        return List.copyOf(warnings.found);
    }

    private void look(ResourceRef ref, Resource resource) {
        switch (resource) {
            case ListenerConfig listener -> lookAtListener(ref, listener);
            case UpstreamConfig upstream -> lookAtUpstream(ref, upstream);
            case BackendGrantConfig grant -> {}
            case ServiceConfig service -> {}
            case RouteConfig route -> lookAtRoute(ref, route);
            case ApiGroupConfig group -> {}
            case LimitConfig limit -> {}
            case PolicyConfig policy -> {}
            case NetworkConfig network -> {}
            case AccessLogConfig log -> {}
            case SecretConfig secret -> {}
            case ConsumerGroupConfig group -> {}
            case ConsumerConfig consumer -> lookAtConsumer(ref, consumer);
            case ErrorPageConfig page -> {}
            case CertificateConfig certificate -> lookAtCertificate(ref, certificate);
            case CaBundleConfig bundle -> lookAtBundle(ref, bundle);
            case TlsPolicyConfig policy -> {}
            case AcmeAccountConfig account -> {}
        }
        if (resource instanceof LevelConfig level) {
            lookAtLevel(ref, level);
        }
        if (resource.enabled()) {
            for (Reference reference : References.of(resource)) {
                Optional<Resource> referred = config.find(reference.type(), reference.name());
                if (referred.isPresent() && !referred.get().enabled()) {
                    add(
                            ref,
                            reference.pointer(),
                            ConfigWarning.REFERS_TO_DISABLED,
                            reference.type().singular() + " \"" + reference.name() + "\" is disabled",
                            "enable it, or refer to another");
                }
            }
        }
    }

    private void lookAtLevel(ResourceRef ref, LevelConfig level) {
        PriorityWarnings.look(
                level, config, (pointer, detail, hint) -> add(ref, pointer, ConfigWarning.FITS_NOBODY, detail, hint));
        for (int i = 0; i < level.auth().size(); i++) {
            List<AuthConfig> members = level.auth().get(i).members();
            for (int j = 0; j < members.size(); j++) {
                String pointer = "/auth/" + i + (level.auth().get(i) instanceof AllOfAuthConfig ? "/allOf/" + j : "");
                members.get(j)
                        .exposedUrl()
                        .ifPresent(url -> add(
                                ref,
                                pointer,
                                ConfigWarning.UNENCRYPTED,
                                "what is asked at " + url
                                        + ", and what is answered, can be read and changed on the way",
                                "write an https URL, with tls.ca for an authority of your own"));
            }
        }
    }

    private void lookAtListener(ResourceRef ref, ListenerConfig listener) {
        if (listener.clientAddress().from() != ClientAddressSource.PEER
                && listener.clientAddress().trusted().isEmpty()) {
            add(
                    ref,
                    "/clientAddress/trusted",
                    ConfigWarning.NOT_IN_EFFECT,
                    "no peer is trusted, so no forwarding header is believed and the peer is the client",
                    "name the blocks of the proxies in front");
        }
    }

    private void lookAtCertificate(ResourceRef ref, CertificateConfig certificate) {
        TlsRules.strangeName(certificate)
                .ifPresent(name -> add(
                        ref,
                        "/snis",
                        ConfigWarning.FITS_NOBODY,
                        "the certificate is not for \"" + name + "\", so clients that ask for it will refuse it",
                        "take the name out, or write a certificate that holds it"));
    }

    private void lookAtConsumer(ResourceRef ref, ConsumerConfig consumer) {
        Instant now = Instant.now();
        for (int i = 0; i < consumer.credentials().size(); i++) {
            String pointer = "/credentials/" + i + "/expires";
            consumer.credentials()
                    .get(i)
                    .expires()
                    .filter(end -> !end.isAfter(now))
                    .ifPresent(end -> add(
                            ref,
                            pointer,
                            ConfigWarning.OUT_OF_DATE,
                            "the credential counts no more since " + end,
                            "write a later time, or take the credential out"));
        }
    }

    private void lookAtBundle(ResourceRef ref, CaBundleConfig bundle) {
        try {
            bundle.listsEnd()
                    .filter(end -> end.isBefore(Instant.now()))
                    .ifPresent(end -> add(
                            ref,
                            "/revocationLists",
                            ConfigWarning.OUT_OF_DATE,
                            "a list is over since " + end + ", so what was revoked since is believed",
                            "write the authority's newest list"));
        } catch (PemText.Unreadable told) {
            return;
        }
    }

    private void lookAtRoute(ResourceRef ref, RouteConfig route) {
        if (route.grpcWeb()) {
            lookAtGrpcWeb(ref, route);
        }
        EffectiveRoute effective = EffectiveRoute.of(config, route);
        loginPaths
                .untaken(effective)
                .forEach(path -> add(
                        ref,
                        "/matches",
                        ConfigWarning.FITS_NOBODY,
                        path.getKey() + " \"" + path.getValue() + "\" of the login of "
                                + effective.auth().from() + " is taken by no route that asks for this login",
                        "let a match of the route take the path, or write another " + path.getKey()));
        if (effective.auth().value().isEmpty()) {
            for (Effective<LimitConfig> limit : effective.limits()) {
                if (!limit.value().isTakenBeforeAuth()) {
                    add(
                            ref,
                            "/limits",
                            ConfigWarning.NOT_IN_EFFECT,
                            "limit \"" + limit.value().name() + "\" of " + limit.from()
                                    + " asks who calls, and without auth nobody on this route finds out",
                            "write auth, or another key; onMissing says what becomes of the requests");
                }
            }
        }
    }

    private void lookAtGrpcWeb(ResourceRef ref, RouteConfig route) {
        for (RouteWay way : RouteWay.served(config, route)) {
            way.effective()
                    .upstream()
                    .filter(upstream -> upstream.protocol() == UpstreamProtocol.HTTP1)
                    .ifPresent(upstream -> add(
                            ref,
                            "/grpcWeb",
                            ConfigWarning.NOT_IN_EFFECT,
                            "upstream \"" + upstream.name() + "\" speaks HTTP/1.1, by which no call of gRPC passes",
                            "write protocol: http2 for the upstream"));
        }
    }

    private void lookAtUpstream(ResourceRef ref, UpstreamConfig upstream) {
        if (upstream.targets().stream().noneMatch(target -> target.weight() > 0)) {
            add(
                    ref,
                    "/targets",
                    ConfigWarning.NO_TARGETS,
                    "no target takes traffic; requests to it are answered with 503 no-endpoint",
                    "add a target with a weight above 0");
        }
        for (int i = 0; i < upstream.targets().size(); i++) {
            HostPort address = upstream.targets().get(i).address();
            String pointer = "/targets/" + i + "/address";
            listenerAt(address)
                    .ifPresent(listener -> add(
                            ref,
                            pointer,
                            ConfigWarning.LEADS_BACK,
                            address + " is where listener \"" + listener.name()
                                    + "\" of this gateway listens; a request that comes back for the fifth time is refused with 508"
                                    + " loop-detected",
                            "name another server, or see to it that the listener routes such requests elsewhere"));
        }
    }

    private Optional<ListenerConfig> listenerAt(HostPort address) {
        return address.ip()
                .flatMap(ip -> config.listeners().stream()
                        .filter(ListenerConfig::enabled)
                        .filter(listener -> listener.address() instanceof ListenAddress.Tcp(IpAddress at, int port)
                                && port == address.port()
                                && (at.equals(ip)
                                        || (at.isWildcard()
                                                && ip.toInetAddress().isLoopbackAddress())))
                        .findFirst());
    }

    private void add(ResourceRef ref, String pointer, String code, String detail, String hint) {
        if (found.size() < COUNT_MAX) {
            found.add(new ConfigWarning(ref, pointer, code, detail, Optional.of(hint)));
        }
    }
}

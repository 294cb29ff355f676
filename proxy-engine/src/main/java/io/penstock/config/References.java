package io.penstock.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who names whom. What a resource names is read off the resource; who names it is found among the types that may. */
public final class References {
    private References() {}

    /** Everything the resource names. */
    public static List<Reference> of(Resource resource) {
        List<Reference> references = new ArrayList<>();
        switch (resource) {
            case ListenerConfig listener -> {
                add(references, ResourceType.NETWORKS, listener.networks(), "/networks/");
                add(references, ResourceType.CERTIFICATES, listener.certificates(), "/certificates/");
                listener.tlsPolicy()
                        .filter(name -> !TlsPolicyConfig.BUILT_IN.contains(name))
                        .ifPresent(
                                name -> references.add(new Reference(ResourceType.TLS_POLICIES, name, "/tlsPolicy")));
                listener.clientCertificate()
                        .ifPresent(asked ->
                                add(references, ResourceType.CA_BUNDLES, asked.ca(), "/clientCertificate/ca/"));
            }
            case ServiceConfig service -> {
                references.add(new Reference(ResourceType.UPSTREAMS, service.upstream(), "/upstream"));
                addGroup(references, service.group());
                addLevel(references, service);
            }
            case RouteConfig route -> {
                add(references, ResourceType.LISTENERS, route.listeners(), "/listeners/");
                route.service()
                        .ifPresent(name -> references.add(new Reference(ResourceType.SERVICES, name, "/service")));
                route.upstream()
                        .ifPresent(name -> references.add(new Reference(ResourceType.UPSTREAMS, name, "/upstream")));
                addGroup(references, route.group());
                for (int i = 0; i < route.backends().size(); i++) {
                    references.add(new Reference(
                            ResourceType.SERVICES, route.backends().get(i).service(), "/backends/" + i + "/service"));
                }
                addLevel(references, route);
            }
            case UpstreamConfig upstream -> {
                references.add(new Reference(ResourceType.NETWORKS, upstream.network(), "/network"));
                upstream.tls().ifPresent(tls -> addTls(references, tls, "/tls"));
            }
            case ApiGroupConfig group -> addLevel(references, group);
            case PolicyConfig policy -> addLevel(references, policy);
            case BackendGrantConfig grant ->
                references.add(new Reference(ResourceType.NETWORKS, grant.network(), "/network"));
            case LimitConfig limit -> {}
            case NetworkConfig network -> {}
            case AccessLogConfig log -> {}
            case SecretConfig secret -> {}
            case CertificateConfig certificate -> addCertificate(references, certificate);
            case AcmeAccountConfig account -> addAccount(references, account);
            case CaBundleConfig bundle -> {}
            case TlsPolicyConfig policy -> {}
            case ErrorPageConfig page -> {}
            case ConsumerGroupConfig group -> add(references, ResourceType.LIMITS, group.limits(), "/limits/");
            case ConsumerConfig consumer -> {
                add(references, ResourceType.CONSUMER_GROUPS, consumer.groups(), "/groups/");
                add(references, ResourceType.LIMITS, consumer.limits(), "/limits/");
            }
        }
        return references;
    }

    /** Everything the instance's defaults name. */
    public static List<Reference> of(Defaults defaults) {
        List<Reference> references = new ArrayList<>();
        addLevel(references, defaults);
        return references;
    }

    private static void addTls(List<Reference> references, UpstreamTlsConfig tls, String pointer) {
        add(references, ResourceType.CA_BUNDLES, tls.ca(), pointer + "/ca/");
        if (!TlsPolicyConfig.BUILT_IN.contains(tls.policy())) {
            references.add(new Reference(ResourceType.TLS_POLICIES, tls.policy(), pointer + "/policy"));
        }
        tls.certificate()
                .ifPresent(name ->
                        references.add(new Reference(ResourceType.CERTIFICATES, name, pointer + "/certificate")));
    }

    private static void addCertificate(List<Reference> references, CertificateConfig certificate) {
        certificate
                .acme()
                .ifPresent(acme ->
                        references.add(new Reference(ResourceType.ACME_ACCOUNTS, acme.account(), "/acme/account")));
        certificate
                .clientCertificate()
                .ifPresent(asked -> add(references, ResourceType.CA_BUNDLES, asked.ca(), "/clientCertificate/ca/"));
    }

    private static void addAccount(List<Reference> references, AcmeAccountConfig account) {
        account.caBundle().ifPresent(name -> references.add(new Reference(ResourceType.CA_BUNDLES, name, "/caBundle")));
        account.externalAccount().ifPresent(bound -> references.add(secret(bound.secret(), "/externalAccount/secret")));
    }

    /** The types whose resources may name one of this type. */
    public static Set<ResourceType> referrersOf(ResourceType type) {
        return switch (type) {
            case LISTENERS -> Set.of(ResourceType.ROUTES);
            case SERVICES ->
                Set.of(ResourceType.ROUTES, ResourceType.SERVICES, ResourceType.API_GROUPS, ResourceType.POLICIES);
            case UPSTREAMS -> Set.of(ResourceType.SERVICES, ResourceType.ROUTES);
            case API_GROUPS -> Set.of(ResourceType.SERVICES, ResourceType.ROUTES);
            case LIMITS ->
                Set.of(
                        ResourceType.SERVICES,
                        ResourceType.ROUTES,
                        ResourceType.API_GROUPS,
                        ResourceType.POLICIES,
                        ResourceType.CONSUMER_GROUPS,
                        ResourceType.CONSUMERS);
            case ERROR_PAGES ->
                Set.of(ResourceType.SERVICES, ResourceType.ROUTES, ResourceType.API_GROUPS, ResourceType.POLICIES);
            case SECRETS ->
                Set.of(
                        ResourceType.SERVICES,
                        ResourceType.ROUTES,
                        ResourceType.API_GROUPS,
                        ResourceType.POLICIES,
                        ResourceType.ACME_ACCOUNTS);
            case POLICIES -> Set.of(ResourceType.SERVICES, ResourceType.ROUTES, ResourceType.API_GROUPS);
            case CONSUMER_GROUPS ->
                Set.of(
                        ResourceType.SERVICES,
                        ResourceType.ROUTES,
                        ResourceType.API_GROUPS,
                        ResourceType.POLICIES,
                        ResourceType.CONSUMERS);
            case NETWORKS -> Set.of(ResourceType.LISTENERS, ResourceType.UPSTREAMS, ResourceType.BACKEND_GRANTS);
            case CERTIFICATES, TLS_POLICIES ->
                Set.of(
                        ResourceType.LISTENERS,
                        ResourceType.UPSTREAMS,
                        ResourceType.SERVICES,
                        ResourceType.ROUTES,
                        ResourceType.API_GROUPS,
                        ResourceType.POLICIES);
            case CA_BUNDLES ->
                Set.of(
                        ResourceType.LISTENERS,
                        ResourceType.UPSTREAMS,
                        ResourceType.SERVICES,
                        ResourceType.ROUTES,
                        ResourceType.API_GROUPS,
                        ResourceType.POLICIES,
                        ResourceType.CERTIFICATES,
                        ResourceType.ACME_ACCOUNTS);
            case ACME_ACCOUNTS -> Set.of(ResourceType.CERTIFICATES);
            case ROUTES, BACKEND_GRANTS, ACCESS_LOGS, CONSUMERS -> Set.of();
        };
    }

    /** Every place that names the resource, in the order of the document; reads every resource that may. */
    public static List<ResourceUse> usedBy(ProxyConfig config, ResourceType type, String name) {
        List<ResourceUse> uses = new ArrayList<>();
        for (Reference reference : of(config.defaults())) {
            if (reference.type() == type && reference.name().equals(name)) {
                uses.add(new ResourceUse(ResourceRef.DEFAULTS, reference.pointer()));
            }
        }
        Set<ResourceType> referrers = referrersOf(type);
        for (ResourceType referrer : ResourceType.values()) {
            if (referrers.contains(referrer)) {
                for (Resource user : config.all(referrer)) {
                    for (Reference reference : of(user)) {
                        if (reference.type() == type && reference.name().equals(name)) {
                            uses.add(new ResourceUse(ResourceRef.of(referrer, user.name()), reference.pointer()));
                        }
                    }
                }
            }
        }
        return uses;
    }

    private static void addGroup(List<Reference> references, Optional<String> group) {
        group.ifPresent(name -> references.add(new Reference(ResourceType.API_GROUPS, name, "/group")));
    }

    private static void addLevel(List<Reference> references, LevelConfig level) {
        add(references, ResourceType.LIMITS, level.limits(), "/limits/");
        add(references, ResourceType.POLICIES, level.policies(), "/policies/");
        add(references, ResourceType.ERROR_PAGES, level.errorPages().value().orElse(List.of()), "/errorPages/");
        addMirrors(references, level.filters());
        addSecrets(references, level.filters(), level.auth());
    }

    private static void addMirrors(List<Reference> references, List<FilterConfig> filters) {
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i) instanceof MirrorFilterConfig mirror) {
                references.add(new Reference(ResourceType.SERVICES, mirror.service(), "/filters/" + i + "/service"));
            }
        }
    }

    private static void addSecrets(List<Reference> references, List<FilterConfig> filters, List<AuthConfig> auth) {
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i) instanceof PluginFilterConfig plugin) {
                addSecrets(references, plugin.config(), "/filters/" + i);
            }
        }
        addAuth(references, auth, "/auth/");
    }

    private static void addAuth(List<Reference> references, List<AuthConfig> auth, String pointer) {
        for (int i = 0; i < auth.size(); i++) {
            String tls = pointer + i + "/tls";
            auth.get(i).ownTls().ifPresent(spoken -> addTls(references, spoken, tls));
            switch (auth.get(i)) {
                case GroupsAuthConfig groups ->
                    add(references, ResourceType.CONSUMER_GROUPS, groups.allow(), pointer + i + "/allow/");
                case PluginAuthConfig plugin -> addSecrets(references, plugin.config(), pointer + i);
                case AllOfAuthConfig all -> addAuth(references, all.allOf(), pointer + i + "/allOf/");
                case IntrospectionAuthConfig introspection ->
                    references.add(secret(introspection.clientSecret(), pointer + i + "/clientSecret"));
                case ForwardAuthConfig forward -> {
                    String place = pointer + i + "/service";
                    forward.service()
                            .ifPresent(name -> references.add(new Reference(ResourceType.SERVICES, name, place)));
                }
                case OidcAuthConfig oidc -> addOidc(references, oidc, pointer + i);
                case ApiKeyAuthConfig apiKey -> {}
                case BasicAuthConfig basic -> {}
                case HmacAuthConfig hmac -> {}
                case JwtAuthConfig jwt -> {}
                case AnonymousAuthConfig anonymous -> {}
                case ClientCertificateAuthConfig certificate -> {}
            }
        }
    }

    private static void addOidc(List<Reference> references, OidcAuthConfig oidc, String pointer) {
        references.add(secret(oidc.clientSecret(), pointer + "/clientSecret"));
        references.add(secret(oidc.cookie().key(), pointer + "/cookie/key"));
        oidc.cookie().previousKey().ifPresent(name -> references.add(secret(name, pointer + "/cookie/previousKey")));
    }

    private static Reference secret(SecretName named, String pointer) {
        return new Reference(ResourceType.SECRETS, named.secret(), pointer + "/secret");
    }

    private static void addSecrets(List<Reference> references, Optional<JsonText> settings, String pointer) {
        if (settings.isPresent()) {
            for (Reference found : SecretReferences.in(settings.get())) {
                references.add(new Reference(found.type(), found.name(), pointer + "/config" + found.pointer()));
            }
        }
    }

    private static void add(List<Reference> references, ResourceType type, List<String> names, String pointer) {
        for (int i = 0; i < names.size(); i++) {
            references.add(new Reference(type, names.get(i), pointer + i));
        }
    }
}

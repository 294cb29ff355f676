package io.penstock.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Optional;

/** Everything the operator wrote, of one revision. Immutable; the next revision shares what did not change. */
public final class ProxyConfig {
    private static final ProxyConfig EMPTY = new ProxyConfig(Defaults.DEFAULTS, new EnumMap<>(ResourceType.class));

    private final Defaults defaults;

    /** Never written to once constructed; a type without resources is absent. */
    private final EnumMap<ResourceType, NamedMap<? extends Resource>> resources;

    private ProxyConfig(Defaults defaults, EnumMap<ResourceType, NamedMap<? extends Resource>> resources) {
        this.defaults = defaults;
        this.resources = resources;
    }

    /** Nothing at all: not even the network {@code default}. */
    public static ProxyConfig empty() {
        return EMPTY;
    }

    /** What a new instance starts with: the network {@code default}, the grant {@code default-any} that opens it, and one access log. */
    public static ProxyConfig initial() {
        return EMPTY.with(NetworkConfig.named("default").build())
                .with(BackendGrantConfig.named("default-any")
                        .addresses(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"))
                        .note("Opens the network to every address; delete it to deny by default.")
                        .build())
                .with(AccessLogConfig.named("access").build());
    }

    // ---- what it holds ----

    /** What holds for every route. */
    public Defaults defaults() {
        return defaults;
    }

    /** Where clients connect. */
    public NamedMap<ListenerConfig> listeners() {
        return of(ResourceType.LISTENERS);
    }

    /** What routes forward to. */
    public NamedMap<ServiceConfig> services() {
        return of(ResourceType.SERVICES);
    }

    /** Which requests, and what becomes of them. */
    public NamedMap<RouteConfig> routes() {
        return of(ResourceType.ROUTES);
    }

    /** Groups of targets. */
    public NamedMap<UpstreamConfig> upstreams() {
        return of(ResourceType.UPSTREAMS);
    }

    /** What the routes of one API have in common. */
    public NamedMap<ApiGroupConfig> apiGroups() {
        return of(ResourceType.API_GROUPS);
    }

    /** How many requests may pass. */
    public NamedMap<LimitConfig> limits() {
        return of(ResourceType.LIMITS);
    }

    /** Named bundles. */
    public NamedMap<PolicyConfig> policies() {
        return of(ResourceType.POLICIES);
    }

    /** What listeners and upstreams belong to. */
    public NamedMap<NetworkConfig> networks() {
        return of(ResourceType.NETWORKS);
    }

    /** What upstreams may reach. */
    public NamedMap<BackendGrantConfig> backendGrants() {
        return of(ResourceType.BACKEND_GRANTS);
    }

    /** Records of every request. */
    public NamedMap<AccessLogConfig> accessLogs() {
        return of(ResourceType.ACCESS_LOGS);
    }

    /** Values that plugins are given by name. */
    public NamedMap<SecretConfig> secrets() {
        return of(ResourceType.SECRETS);
    }

    /** What consumers may have in common. */
    public NamedMap<ConsumerGroupConfig> consumerGroups() {
        return of(ResourceType.CONSUMER_GROUPS);
    }

    /** Who may call. */
    public NamedMap<ConsumerConfig> consumers() {
        return of(ResourceType.CONSUMERS);
    }

    /** What clients are shown in the place of errors. */
    public NamedMap<ErrorPageConfig> errorPages() {
        return of(ResourceType.ERROR_PAGES);
    }

    /** What https listeners show their clients. */
    public NamedMap<CertificateConfig> certificates() {
        return of(ResourceType.CERTIFICATES);
    }

    /** Authorities that peers are believed by. */
    public NamedMap<CaBundleConfig> caBundles() {
        return of(ResourceType.CA_BUNDLES);
    }

    /** What of TLS listeners take part in. */
    public NamedMap<TlsPolicyConfig> tlsPolicies() {
        return of(ResourceType.TLS_POLICIES);
    }

    /** Accounts at authorities that issue certificates. */
    public NamedMap<AcmeAccountConfig> acmeAccounts() {
        return of(ResourceType.ACME_ACCOUNTS);
    }

    /** The resources of a type. */
    public NamedMap<? extends Resource> all(ResourceType type) {
        return resources.getOrDefault(type, NamedMap.empty());
    }

    /** The same for reading, of a type known at run time only. */
    @SuppressWarnings("unchecked") // Nobody adds to a map, and whatever it holds is a resource.
    NamedMap<Resource> resources(ResourceType type) {
        return (NamedMap<Resource>) all(type);
    }

    // A map comes under a type only by way of a resource of that type.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private <T extends Resource> NamedMap<T> of(ResourceType type) {
        return (NamedMap<T>) all(type);
    }

    /** The resource of a type and name. */
    public Optional<Resource> find(ResourceType type, String name) {
        return all(type).find(name).map(Resource.class::cast);
    }

    // ---- with something else ----

    /** This with the resource in place of the one with its type and name. */
    public ProxyConfig with(Resource resource) {
        ResourceType type = ResourceType.of(resource);
        return with(type, resources(type).put(resource));
    }

    /** This with all of these, one after the other. */
    public ProxyConfig with(List<? extends Resource> added) {
        ProxyConfig config = this;
        for (Resource resource : added) {
            config = config.with(resource);
        }
        return config;
    }

    /** This without the resource; this very configuration if there is none. */
    public ProxyConfig without(ResourceType type, String name) {
        return with(type, all(type).remove(name));
    }

    private ProxyConfig with(ResourceType type, NamedMap<? extends Resource> value) {
        if (value.equals(all(type))) {
            return this;
        }
        EnumMap<ResourceType, NamedMap<? extends Resource>> next = new EnumMap<>(resources);
        if (value.isEmpty()) {
            next.remove(type);
        } else {
            next.put(type, value);
        }
        return new ProxyConfig(defaults, next);
    }

    /** This with other defaults; this very configuration if they are equal. */
    public ProxyConfig withDefaults(Defaults value) {
        return value.equals(defaults) ? this : new ProxyConfig(value, resources);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProxyConfig that && defaults.equals(that.defaults) && resources.equals(that.resources);
    }

    @Override
    public int hashCode() {
        return 31 * defaults.hashCode() + resources.hashCode();
    }

    @Override
    public String toString() {
        return "ProxyConfig[" + defaults + ", " + resources + "]";
    }
}

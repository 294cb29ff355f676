package io.penstock.config;

import java.util.List;
import java.util.Optional;

/**
 * Everything the operator wrote, of one revision. Immutable; the next revision shares what did not change.
 *
 * @param defaults what holds for every route
 * @param listeners where clients connect
 * @param services what routes forward to
 * @param routes which requests, and what becomes of them
 * @param upstreams groups of targets
 * @param limits how many requests may pass
 * @param policies named bundles
 * @param networks what listeners and upstreams belong to
 * @param backendGrants what upstreams may reach
 * @param accessLogs records of every request
 * @param secrets values that plugins are given by name
 */
public record ProxyConfig(
        Defaults defaults,
        NamedMap<ListenerConfig> listeners,
        NamedMap<ServiceConfig> services,
        NamedMap<RouteConfig> routes,
        NamedMap<UpstreamConfig> upstreams,
        NamedMap<LimitConfig> limits,
        NamedMap<PolicyConfig> policies,
        NamedMap<NetworkConfig> networks,
        NamedMap<BackendGrantConfig> backendGrants,
        NamedMap<AccessLogConfig> accessLogs,
        NamedMap<SecretConfig> secrets) {
    private static final ProxyConfig EMPTY = new ProxyConfig(
            Defaults.DEFAULTS,
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty(),
            NamedMap.empty());

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

    /** The resources of a type. */
    public NamedMap<? extends Resource> all(ResourceType type) {
        return switch (type) {
            case LISTENERS -> listeners;
            case SERVICES -> services;
            case ROUTES -> routes;
            case UPSTREAMS -> upstreams;
            case LIMITS -> limits;
            case POLICIES -> policies;
            case NETWORKS -> networks;
            case BACKEND_GRANTS -> backendGrants;
            case ACCESS_LOGS -> accessLogs;
            case SECRETS -> secrets;
        };
    }

    /** The resource of a type and name. */
    public Optional<Resource> find(ResourceType type, String name) {
        return all(type).find(name).map(Resource.class::cast);
    }

    /** This with the resource in place of the one with its type and name. */
    public ProxyConfig with(Resource resource) {
        return switch (resource) {
            case ListenerConfig listener -> withListeners(listeners.put(listener));
            case ServiceConfig service -> withServices(services.put(service));
            case RouteConfig route -> withRoutes(routes.put(route));
            case UpstreamConfig upstream -> withUpstreams(upstreams.put(upstream));
            case LimitConfig limit -> withLimits(limits.put(limit));
            case PolicyConfig policy -> withPolicies(policies.put(policy));
            case NetworkConfig network -> withNetworks(networks.put(network));
            case BackendGrantConfig grant -> withBackendGrants(backendGrants.put(grant));
            case AccessLogConfig log -> withAccessLogs(accessLogs.put(log));
            case SecretConfig secret -> withSecrets(secrets.put(secret));
        };
    }

    /** This with all of these, one after the other. */
    public ProxyConfig with(List<? extends Resource> resources) {
        ProxyConfig config = this;
        for (Resource resource : resources) {
            config = config.with(resource);
        }
        return config;
    }

    /** This without the resource; this very configuration if there is none. */
    public ProxyConfig without(ResourceType type, String name) {
        return switch (type) {
            case LISTENERS -> withListeners(listeners.remove(name));
            case SERVICES -> withServices(services.remove(name));
            case ROUTES -> withRoutes(routes.remove(name));
            case UPSTREAMS -> withUpstreams(upstreams.remove(name));
            case LIMITS -> withLimits(limits.remove(name));
            case POLICIES -> withPolicies(policies.remove(name));
            case NETWORKS -> withNetworks(networks.remove(name));
            case BACKEND_GRANTS -> withBackendGrants(backendGrants.remove(name));
            case ACCESS_LOGS -> withAccessLogs(accessLogs.remove(name));
            case SECRETS -> withSecrets(secrets.remove(name));
        };
    }

    /** This with other defaults; this very configuration if they are equal. */
    public ProxyConfig withDefaults(Defaults value) {
        return value.equals(defaults)
                ? this
                : new ProxyConfig(
                        value,
                        listeners,
                        services,
                        routes,
                        upstreams,
                        limits,
                        policies,
                        networks,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other listeners; this very configuration if they are equal. */
    public ProxyConfig withListeners(NamedMap<ListenerConfig> value) {
        return value.equals(listeners)
                ? this
                : new ProxyConfig(
                        defaults,
                        value,
                        services,
                        routes,
                        upstreams,
                        limits,
                        policies,
                        networks,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other services; this very configuration if they are equal. */
    public ProxyConfig withServices(NamedMap<ServiceConfig> value) {
        return value.equals(services)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        value,
                        routes,
                        upstreams,
                        limits,
                        policies,
                        networks,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other routes; this very configuration if they are equal. */
    public ProxyConfig withRoutes(NamedMap<RouteConfig> value) {
        return value.equals(routes)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        value,
                        upstreams,
                        limits,
                        policies,
                        networks,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other upstreams; this very configuration if they are equal. */
    public ProxyConfig withUpstreams(NamedMap<UpstreamConfig> value) {
        return value.equals(upstreams)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        routes,
                        value,
                        limits,
                        policies,
                        networks,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other limits; this very configuration if they are equal. */
    public ProxyConfig withLimits(NamedMap<LimitConfig> value) {
        return value.equals(limits)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        routes,
                        upstreams,
                        value,
                        policies,
                        networks,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other policies; this very configuration if they are equal. */
    public ProxyConfig withPolicies(NamedMap<PolicyConfig> value) {
        return value.equals(policies)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        routes,
                        upstreams,
                        limits,
                        value,
                        networks,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other networks; this very configuration if they are equal. */
    public ProxyConfig withNetworks(NamedMap<NetworkConfig> value) {
        return value.equals(networks)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        routes,
                        upstreams,
                        limits,
                        policies,
                        value,
                        backendGrants,
                        accessLogs,
                        secrets);
    }

    /** This with other backendGrants; this very configuration if they are equal. */
    public ProxyConfig withBackendGrants(NamedMap<BackendGrantConfig> value) {
        return value.equals(backendGrants)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        routes,
                        upstreams,
                        limits,
                        policies,
                        networks,
                        value,
                        accessLogs,
                        secrets);
    }

    /** This with other accessLogs; this very configuration if they are equal. */
    public ProxyConfig withAccessLogs(NamedMap<AccessLogConfig> value) {
        return value.equals(accessLogs)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        routes,
                        upstreams,
                        limits,
                        policies,
                        networks,
                        backendGrants,
                        value,
                        secrets);
    }

    /** This with other secrets; this very configuration if they are equal. */
    public ProxyConfig withSecrets(NamedMap<SecretConfig> value) {
        return value.equals(secrets)
                ? this
                : new ProxyConfig(
                        defaults,
                        listeners,
                        services,
                        routes,
                        upstreams,
                        limits,
                        policies,
                        networks,
                        backendGrants,
                        accessLogs,
                        value);
    }
}

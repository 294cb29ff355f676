package io.penstock.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What holds for a route when all levels are put together: defaults, the API group, the service, the route, from far to near, each
 * behind the policies that it names. The group is the route's, or the service's where the route names none. Scalars take the nearest; {@code filters} and {@code limits} append, outer first; the nearest
 * list of {@code auth} that is not empty takes the place of those farther out, and so does the nearest {@link Setting} that is written.
 * A limit named at several levels counts once, where it is named first: it is one bucket. What is disabled contributes
 * nothing.
 *
 * @param route the route
 * @param group the API group it belongs to; empty if none, or a disabled one
 * @param service what it forwards to; empty for a route that answers itself
 * @param upstream what the service forwards to, or the route itself
 * @param total how long an exchange may take; empty if without bound
 * @param tunnelIdle how long a tunnel may be silent; empty where the upstream says it
 * @param tunnelLifetime how long a tunnel may last
 * @param bodyMax how long a request body may be
 * @param retries what the levels say of further tries, each member from the nearest that says it, and the nearest that says any
 * @param limits the limits asked, in order
 * @param filters the filters run, in order
 * @param auth the ways to find out who calls, in order; empty where nobody is asked
 * @param access which addresses may pass; empty where all may
 * @param cors which pages of other origins may read the answers; empty where nothing is said of that
 * @param admission how many exchanges go on at once; empty if without bound
 * @param identityHeaders what tells the upstream who calls; empty where nothing does
 * @param maintenance whether requests are refused while work is being done; empty where it is off
 * @param errorPages what is shown in the place of errors, in the order asked
 */
public record EffectiveRoute(
        RouteConfig route,
        Optional<ApiGroupConfig> group,
        Optional<ServiceConfig> service,
        Optional<UpstreamConfig> upstream,
        Effective<Optional<Duration>> total,
        Effective<Optional<Duration>> tunnelIdle,
        Effective<Duration> tunnelLifetime,
        Effective<ByteSize> bodyMax,
        Effective<RouteRetries> retries,
        List<Effective<LimitConfig>> limits,
        List<Effective<FilterConfig>> filters,
        Effective<List<AuthConfig>> auth,
        Effective<Optional<AccessConfig>> access,
        Effective<Optional<CorsConfig>> cors,
        Effective<Optional<AdmissionConfig>> admission,
        Effective<Optional<IdentityHeadersConfig>> identityHeaders,
        Effective<Optional<MaintenanceConfig>> maintenance,
        Effective<List<ErrorPageConfig>> errorPages) {
    public EffectiveRoute {
        limits = List.copyOf(limits);
        filters = List.copyOf(filters);
    }

    /** Puts the levels together. References must be known: the configuration has passed the validator. */
    public static EffectiveRoute of(ProxyConfig config, RouteConfig route) {
        return of(config, route, route.service());
    }

    /** The same for one of the services that a route may take: {@link RouteWay}. */
    static EffectiveRoute of(ProxyConfig config, RouteConfig route, Optional<String> to) {
        Levels levels = new Levels(config);
        levels.add(Origin.DEFAULTS, config.defaults());
        Optional<ServiceConfig> service = to.flatMap(config.services()::find);
        Optional<ApiGroupConfig> group = route.group()
                .or(() -> service.flatMap(ServiceConfig::group))
                .flatMap(config.apiGroups()::find)
                .filter(ApiGroupConfig::enabled);
        group.ifPresent(known -> levels.add(Origin.apiGroup(known.name()), known));
        service.ifPresent(known -> levels.add(Origin.service(known.name()), known));
        levels.add(Origin.route(route.name()), route);
        return new EffectiveRoute(
                route,
                group,
                service,
                service.map(ServiceConfig::upstream).or(route::upstream).flatMap(config.upstreams()::find),
                levels.total,
                levels.tunnelIdle,
                levels.tunnelLifetime,
                levels.bodyMax,
                levels.retries,
                levels.limits,
                levels.filters,
                levels.auth,
                levels.access,
                levels.cors,
                levels.admission,
                levels.identityHeaders,
                levels.maintenance,
                new Effective<>(pages(config, levels.errorPages.value()), levels.errorPages.from()));
    }

    /** Whether requests may take the route: it is enabled, and so is its service if it has one. */
    public boolean isServed() {
        return route.enabled() && service.map(ServiceConfig::enabled).orElse(true);
    }

    /** What filters carry out though it stands in members of their own, in the order in which they run. */
    public List<Effective<FilterConfig>> levelFilters() {
        List<Effective<FilterConfig>> held = new ArrayList<>();
        access.value().ifPresent(lists -> held.add(new Effective<>(lists, access.from())));
        cors.value().ifPresent(said -> held.add(new Effective<>(said, cors.from())));
        maintenance
                .value()
                .filter(MaintenanceConfig::enabled)
                .ifPresent(work -> held.add(new Effective<>(work, maintenance.from())));
        if (errorPages.value().stream().anyMatch(ErrorPageConfig::upstream)) {
            held.add(new Effective<>(new UpstreamErrorPages(errorPages.value()), errorPages.from()));
        }
        return held;
    }

    /** The error pages of requests for which there is no route. */
    public static List<ErrorPageConfig> pagesWithoutRoute(ProxyConfig config) {
        return pages(config, config.defaults().errorPages().value());
    }

    private static List<ErrorPageConfig> pages(ProxyConfig config, Optional<List<String>> names) {
        return names.orElse(List.of()).stream()
                .flatMap(name -> config.errorPages().find(name).stream())
                .filter(ErrorPageConfig::enabled)
                .toList();
    }

    /** Collects from far to near. */
    private static final class Levels {
        private final ProxyConfig config;
        private final Set<String> limitNames = new HashSet<>();
        private final List<Effective<LimitConfig>> limits = new ArrayList<>();
        private final List<Effective<FilterConfig>> filters = new ArrayList<>();
        private Effective<List<AuthConfig>> auth = new Effective<>(List.of(), Origin.SERVER);
        private Effective<Optional<AccessConfig>> access = new Effective<>(Optional.empty(), Origin.SERVER);
        private Effective<Optional<CorsConfig>> cors = new Effective<>(Optional.empty(), Origin.SERVER);
        private Effective<Optional<AdmissionConfig>> admission = new Effective<>(Optional.empty(), Origin.SERVER);
        private Effective<Optional<IdentityHeadersConfig>> identityHeaders =
                new Effective<>(Optional.of(IdentityHeadersConfig.USUAL), Origin.SERVER);
        private Effective<Optional<MaintenanceConfig>> maintenance = new Effective<>(Optional.empty(), Origin.SERVER);
        private Effective<Optional<List<String>>> errorPages = new Effective<>(Optional.empty(), Origin.SERVER);
        private Effective<Optional<Duration>> total = new Effective<>(Optional.empty(), Origin.SERVER);
        private Effective<Optional<Duration>> tunnelIdle = new Effective<>(Optional.empty(), Origin.SERVER);
        private Effective<Duration> tunnelLifetime = new Effective<>(RouteTimeouts.TUNNEL_LIFETIME, Origin.SERVER);
        private Effective<RouteRetries> retries = new Effective<>(RouteRetries.DEFAULTS, Origin.SERVER);
        private Effective<ByteSize> bodyMax = new Effective<>(BodyConfig.MAX_DEFAULT, Origin.SERVER);

        Levels(ProxyConfig config) {
            this.config = config;
        }

        void add(Origin origin, LevelConfig level) {
            for (String name : level.policies()) {
                config.policies()
                        .find(name)
                        .filter(PolicyConfig::enabled)
                        .ifPresent(policy -> add(origin.byPolicy(name), policy));
            }
            // Zero is written to lift an outer bound, so it wins like any other value and then means none.
            level.timeouts()
                    .total()
                    .ifPresent(bound ->
                            total = new Effective<>(Optional.of(bound).filter(any -> !any.isZero()), origin));
            level.timeouts().tunnelIdle().ifPresent(bound -> tunnelIdle = new Effective<>(Optional.of(bound), origin));
            level.timeouts().tunnelLifetime().ifPresent(bound -> tunnelLifetime = new Effective<>(bound, origin));
            level.body().max().ifPresent(bound -> bodyMax = new Effective<>(bound, origin));
            if (!level.retries().equals(RouteRetries.DEFAULTS)) {
                retries = new Effective<>(level.retries().over(retries.value()), origin);
            }
            for (String name : level.limits()) {
                config.limits()
                        .find(name)
                        .filter(limit -> limit.enabled() && limitNames.add(name))
                        .ifPresent(limit -> limits.add(new Effective<>(limit, origin)));
            }
            for (FilterConfig filter : level.filters()) {
                if (filter.enabled()) {
                    filters.add(new Effective<>(filter, origin));
                }
            }
            List<AuthConfig> asked =
                    level.auth().stream().filter(AuthConfig::enabled).toList();
            if (!asked.isEmpty()) {
                auth = new Effective<>(asked, origin);
            }
            access = level.access().over(access, origin);
            cors = level.cors().over(cors, origin);
            admission = level.admission().over(admission, origin);
            identityHeaders = level.identityHeaders().over(identityHeaders, origin);
            maintenance = level.maintenance().over(maintenance, origin);
            errorPages = level.errorPages().over(errorPages, origin);
        }
    }
}

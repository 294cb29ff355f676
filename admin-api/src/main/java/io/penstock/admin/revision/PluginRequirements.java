package io.penstock.admin.revision;

import io.penstock.config.AffectedRoutes;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConfigDiff;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.FilterConfig;
import io.penstock.config.Origin;
import io.penstock.config.PluginAuthConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.PluginUse;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteWay;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks that a plugin which requires a variable of another finds it: on every route that runs the one, the other runs
 * before it, {@code auth} before {@code filters}. The cost follows the routes that a change reaches.
 */
final class PluginRequirements {
    private final ProxyConfig config;
    private final PluginVersions versions;
    private final Map<String, List<String>> required = new HashMap<>();

    // By place, so that an entry that many routes inherit is told once.
    private final Map<String, ConfigProblem> problems = new LinkedHashMap<>();

    private PluginRequirements(ProxyConfig config, PluginVersions versions) {
        this.config = config;
        this.versions = versions;
    }

    /** The faults of a configuration whose references are sound. */
    static List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after, PluginVersions versions) {
        PluginRequirements requirements = new PluginRequirements(after, versions);
        for (String name : AffectedRoutes.of(ConfigDiff.of(before, after), after)) {
            after.routes().find(name).ifPresent(requirements::check);
        }
        return List.copyOf(requirements.problems.values());
    }

    private void check(RouteConfig route) {
        for (RouteWay way : RouteWay.all(config, route)) {
            check(route, way.effective());
        }
    }

    private void check(RouteConfig route, EffectiveRoute chain) {
        Set<String> run = new HashSet<>();
        Origin origin = chain.auth().from();
        for (AuthConfig entry : chain.auth().value()) {
            for (AuthConfig member : entry.members()) {
                if (member instanceof PluginAuthConfig plugin) {
                    check(route, plugin.asFilter(), PluginBindings.AUTH, origin, run);
                }
            }
        }
        for (Effective<FilterConfig> entry : chain.filters()) {
            if (entry.value() instanceof PluginFilterConfig plugin) {
                check(route, plugin, PluginBindings.FILTERS, entry.from(), run);
            }
        }
    }

    private void check(RouteConfig route, PluginFilterConfig entry, String list, Origin origin, Set<String> run) {
        check(route, entry, entry.use(), entry.resolved(), list, origin, run);
        entry.canary().ifPresent(other -> check(route, entry, other.use(), other.resolved(), list, origin, run));
        PluginUse.parse(entry.use()).ifPresent(use -> run.add(use.name()));
    }

    private void check(
            RouteConfig route,
            PluginFilterConfig entry,
            String text,
            Optional<String> resolved,
            String list,
            Origin origin,
            Set<String> run) {
        Optional<PluginUse> use = PluginUse.parse(text);
        if (use.isEmpty() || resolved.isEmpty()) {
            return;
        }
        String id = use.get().name() + "@" + resolved.get();
        for (String variable :
                required.computeIfAbsent(id, any -> versions.requires(use.get().name(), resolved.get()))) {
            String setter = variable.substring(0, Math.max(0, variable.indexOf('/')));
            if (!run.contains(setter)) {
                ResourceRef holder = holder(origin);
                String pointer = pointer(holder, list, entry) + "/use";
                problems.putIfAbsent(
                        holder + pointer + variable,
                        new ConfigProblem(
                                holder,
                                pointer,
                                ConfigProblem.UNKNOWN_REFERENCE,
                                "plugin " + id + " requires variable \"" + variable + "\", and on route \""
                                        + route.name() + "\" no plugin \"" + setter + "\" runs before it",
                                Optional.of("name plugin \"" + setter + "\" before it, in auth or in filters")));
            }
        }
    }

    private static ResourceRef holder(Origin origin) {
        return origin.policy()
                .map(policy -> ResourceRef.of(ResourceType.POLICIES, policy))
                .orElseGet(() -> switch (origin.level()) {
                    case SERVER, DEFAULTS -> ResourceRef.DEFAULTS;
                    case GROUP -> ResourceRef.of(ResourceType.API_GROUPS, origin.name());
                    case SERVICE -> ResourceRef.of(ResourceType.SERVICES, origin.name());
                    case ROUTE -> ResourceRef.of(ResourceType.ROUTES, origin.name());
                });
    }

    private String pointer(ResourceRef holder, String list, PluginFilterConfig entry) {
        return PluginBindings.of(config, holder).stream()
                .filter(binding ->
                        binding.list().equals(list) && binding.entry().equals(entry))
                .findFirst()
                .map(PluginBindings.Binding::pointer)
                .orElse("/" + list);
    }
}

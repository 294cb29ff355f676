package io.penstock.snapshot;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConfigDiff;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.FilterConfig;
import io.penstock.config.GroupsAuthConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteWay;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What compiling a config refuses by what is written in it alone: the same checks in the same words as {@link SnapshotCompiler}, with
 * nothing opened, nothing kept, and no machine, network or secret asked. Entries whose providers are not among the sources, as those of
 * plugins, are passed over, and so is what no served route uses, as the compiler does.
 */
public final class WrittenCheck {
    private final Map<Class<?>, FilterProvider> filters = new HashMap<>();
    private final Map<Class<?>, AuthenticatorProvider> authenticators = new HashMap<>();
    // Ways through one route have most of their levels in common.
    private final Set<ConfigProblem> problems = new LinkedHashSet<>();

    private WrittenCheck(FilterSources sources) {
        sources.filters().forEach(provider -> filters.putIfAbsent(provider.configType(), provider));
        sources.authenticators().forEach(provider -> authenticators.putIfAbsent(provider.configType(), provider));
    }

    /**
     * All that stands against a config that has passed the validator.
     *
     * @param sources which ask nothing outside of the config when they prepare
     */
    public static List<ConfigProblem> problems(ProxyConfig config, FilterSources sources) {
        WrittenCheck check = new WrittenCheck(sources);
        List<ConfigProblem> pages = new ArrayList<>();
        CompiledPages.check(ConfigDiff.of(ProxyConfig.empty(), config), pages);
        check.problems.addAll(pages);
        for (RouteConfig route : config.routes()) {
            RouteWay.served(config, route).forEach(way -> check.look(way.effective()));
        }
        return List.copyOf(check.problems);
    }

    private void look(EffectiveRoute effective) {
        List<AuthConfig> entries = effective.auth().value();
        for (int i = 0; i < entries.size(); i++) {
            List<AuthConfig> members = entries.get(i).members();
            for (int j = 0; j < members.size(); j++) {
                String place = "/auth/" + i + (entries.get(i) instanceof AllOfAuthConfig ? "/allOf/" + j : "");
                look(effective, members.get(j), place);
            }
        }
        effective.levelFilters().forEach(filter -> look(effective, filter));
        effective.filters().forEach(filter -> look(effective, filter));
    }

    private void look(EffectiveRoute effective, AuthConfig entry, String place) {
        AuthenticatorProvider provider = authenticators.get(entry.getClass());
        if (provider == null || entry instanceof AnonymousAuthConfig || entry instanceof GroupsAuthConfig) {
            return;
        }
        try {
            provider.prepare(entry);
        } catch (FilterRefusedException refused) {
            problems.add(RouteCompiler.refusedEntry(effective, place, refused));
        }
    }

    private void look(EffectiveRoute effective, Effective<FilterConfig> filter) {
        FilterProvider provider = filters.get(filter.value().getClass());
        if (provider == null) {
            return;
        }
        try {
            provider.prepare(filter.value());
        } catch (FilterRefusedException refused) {
            problems.add(RouteCompiler.refusedFilter(effective, filter, refused));
        }
    }
}

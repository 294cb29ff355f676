package io.penstock.snapshot;

import io.penstock.config.AdmissionConfig;
import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.EncodedSlashes;
import io.penstock.config.FilterConfig;
import io.penstock.config.GroupsAuthConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.Origin;
import io.penstock.config.PluginAuthConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.filter.CorsFilter;
import io.penstock.filter.CorsPolicy;
import io.penstock.filter.DelayFilter;
import io.penstock.limit.AdmissionPlan;
import io.penstock.limit.RetryPlan;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterRefusedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the runtime of one route out of what holds for it on all levels. Control thread only. */
final class RouteCompiler {
    private static final int[] NO_ALL_OF = {};

    /** Places are forgotten with their routes and services: a plan made anew differs in nothing that matters. */
    private static final int ADMISSIONS_KEPT_MAX = 4096;

    private final FilterSlots filters;
    private final LimitPlans limitPlans;
    private final CompiledPages pages;
    private final Map<String, AdmissionPlan> admissions = new HashMap<>();

    RouteCompiler(FilterSlots filters, LimitPlans limitPlans, CompiledPages pages) {
        this.filters = filters;
        this.limitPlans = limitPlans;
        this.pages = pages;
    }

    /**
     * Compiles one way through a route.
     *
     * @param backend which of several services it is for
     * @param own filters that the gateway itself adds, outermost
     * @param action what becomes of a request that came through the filters
     * @param opened filters that take long to open
     * @param acquired takes every filter the route has got a share in, also where compiling fails
     * @param problems takes what stands against it; then the result is empty
     */
    Optional<RouteRuntime> compile(
            EffectiveRoute effective,
            int id,
            BackendRef backend,
            List<FilterSlot> own,
            Function<EffectiveRoute, RouteAction> action,
            OpenedFilters opened,
            List<FilterSlot> acquired,
            List<ConfigProblem> problems) {
        RouteConfig route = effective.route();
        int problemsBefore = problems.size();
        List<FilterSlot> asked = new ArrayList<>();
        List<AuthConfig> entries = effective.auth().value();
        for (int i = 0; i < entries.size(); i++) {
            List<AuthConfig> members = entries.get(i).members();
            for (int j = 0; j < members.size(); j++) {
                String place = "/auth/" + i + (entries.get(i) instanceof AllOfAuthConfig ? "/allOf/" + j : "");
                authenticator(effective, members.get(j), place, opened, acquired, problems)
                        .ifPresent(asked::add);
            }
        }
        List<FilterSlot> chain = new ArrayList<>();
        for (Effective<FilterConfig> member : effective.levelFilters()) {
            filter(effective, member, opened, acquired, problems).ifPresent(chain::add);
        }
        chain.addAll(own);
        chain.addAll(asked);
        for (Effective<FilterConfig> filter : effective.filters()) {
            filter(effective, filter, opened, acquired, problems).ifPresent(chain::add);
        }
        route.respond()
                .flatMap(RespondConfig::delay)
                .ifPresent(delay -> chain.add(filters.own(new DelayFilter(delay), "routes/" + route.name())));
        chain.sort(Comparator.comparing(slot -> slot.prepared().phase()));
        List<LimitConfig> limits = new ArrayList<>();
        for (Effective<LimitConfig> limit : effective.limits()) {
            try {
                limitPlans.plan(limit.value());
                limits.add(limit.value());
            } catch (IllegalArgumentException refused) {
                problems.add(new ConfigProblem(
                        ResourceRef.of(ResourceType.LIMITS, limit.value().name()),
                        "/rate",
                        "limit-refused",
                        String.valueOf(refused.getMessage()),
                        Optional.empty()));
            }
        }
        if (problems.size() > problemsBefore) {
            return Optional.empty();
        }
        FilterSlot[] slots = chain.toArray(new FilterSlot[0]);
        return Optional.of(new RouteRuntime(
                route.name(),
                route.name().getBytes(StandardCharsets.UTF_8),
                id,
                action.apply(effective),
                backend,
                slots,
                slots,
                authenticators(chain, asked, effective),
                pages.of(effective.errorPages().value()),
                cors(chain),
                RouteLimits.of(route.name(), effective.service().map(ServiceConfig::name), limits, limitPlans::plan),
                admission(effective.admission()),
                effective.bodyMax().value().bytes(),
                effective.total().value().map(total -> total.toNanos()).orElse(0L),
                TunnelPlan.of(effective),
                RetryPlan.of(effective.retries().value()),
                route.encodedSlashes() == EncodedSlashes.ALLOW,
                route.grpcWeb()));
    }

    private Optional<FilterSlot> filter(
            EffectiveRoute effective,
            Effective<FilterConfig> filter,
            OpenedFilters opened,
            List<FilterSlot> acquired,
            List<ConfigProblem> problems) {
        try {
            FilterSlot slot = filters.acquire(new FilterKey(filter.from().toString(), filter.value(), false), opened);
            acquired.add(slot);
            return Optional.of(slot);
        } catch (FilterRefusedException refused) {
            problems.add(refusedFilter(effective, filter, refused));
            return Optional.empty();
        }
    }

    private static @Nullable CorsPolicy cors(List<FilterSlot> chain) {
        for (FilterSlot slot : chain) {
            if (slot.prepared() instanceof CorsFilter filter) {
                return filter.policy();
            }
        }
        return null;
    }

    /** All filters that a route needs. */
    static List<FilterKey> keys(EffectiveRoute effective) {
        List<FilterKey> keys = new ArrayList<>();
        for (Effective<FilterConfig> member : effective.levelFilters()) {
            keys.add(new FilterKey(member.from().toString(), member.value(), false));
        }
        for (AuthConfig entry : effective.auth().value()) {
            for (AuthConfig member : entry.members()) {
                if (member instanceof PluginAuthConfig plugin) {
                    keys.add(new FilterKey(effective.auth().from().toString(), plugin.asFilter(), true));
                }
            }
        }
        for (Effective<FilterConfig> filter : effective.filters()) {
            keys.add(new FilterKey(filter.from().toString(), filter.value(), false));
        }
        return keys;
    }

    private Optional<FilterSlot> authenticator(
            EffectiveRoute effective,
            AuthConfig entry,
            String place,
            OpenedFilters opened,
            List<FilterSlot> acquired,
            List<ConfigProblem> problems) {
        if (entry instanceof AnonymousAuthConfig || entry instanceof GroupsAuthConfig) {
            return Optional.empty();
        }
        Object config = entry instanceof PluginAuthConfig plugin ? plugin.asFilter() : entry;
        Origin from = effective.auth().from();
        try {
            FilterSlot slot = filters.acquire(new FilterKey(from.toString(), config, true), opened);
            acquired.add(slot);
            if (slot.prepared().phase() == FilterPhase.AUTH) {
                return Optional.of(slot);
            }
            throw new FilterRefusedException(
                    "/use", slot.prepared().name() + " has no authenticate hook; name it in filters, or another here");
        } catch (FilterRefusedException refused) {
            problems.add(refusedEntry(effective, place, refused));
            return Optional.empty();
        }
    }

    static ConfigProblem refusedEntry(EffectiveRoute effective, String place, FilterRefusedException refused) {
        return new ConfigProblem(
                ResourceRef.of(ResourceType.ROUTES, effective.route().name()),
                place + refused.pointer(),
                "filter-refused",
                "an auth entry of " + effective.auth().from() + " cannot run: " + refused.getMessage(),
                Optional.empty());
    }

    static ConfigProblem refusedFilter(
            EffectiveRoute effective, Effective<FilterConfig> filter, FilterRefusedException refused) {
        return new ConfigProblem(
                ResourceRef.of(ResourceType.ROUTES, effective.route().name()),
                "/filters" + refused.pointer(),
                "filter-refused",
                "a filter of " + filter.from() + " cannot run: " + refused.getMessage(),
                Optional.empty());
    }

    private static Authenticators authenticators(
            List<FilterSlot> chain, List<FilterSlot> asked, EffectiveRoute effective) {
        List<AuthConfig> entries = effective.auth().value();
        Stream<String> given = entries.stream()
                .flatMap(entry -> entry.members().stream())
                .flatMap(entry -> entry.headersSet().stream())
                .map(name -> name.toLowerCase(Locale.ROOT));
        Stream<String> told =
                IdentityHeaders.guarded(effective.identityHeaders().value()).stream();
        String[] guarded = Stream.concat(given, told).distinct().toArray(String[]::new);
        IdentityHeaders headers = IdentityHeaders.of(effective.identityHeaders().value());
        if (entries.isEmpty()) {
            return Authenticators.nobody(guarded, headers);
        }
        int first = asked.isEmpty() ? 0 : chain.indexOf(asked.getFirst());
        return new Authenticators(
                first,
                first + asked.size(),
                entries.getLast() instanceof AnonymousAuthConfig,
                entries.getLast() instanceof GroupsAuthConfig groups ? groups.allow() : List.of(),
                allOfEnds(entries, first, asked.size()),
                guarded,
                headers);
    }

    private static int[] allOfEnds(List<AuthConfig> entries, int first, int asked) {
        if (entries.stream().noneMatch(AllOfAuthConfig.class::isInstance)) {
            return NO_ALL_OF;
        }
        int[] ends = new int[asked];
        int at = 0;
        for (AuthConfig entry : entries) {
            if (entry instanceof AllOfAuthConfig all) {
                int end = at + all.members().size();
                Arrays.fill(ends, at, end, first + end);
                at = end;
            } else if (!(entry instanceof AnonymousAuthConfig || entry instanceof GroupsAuthConfig)) {
                at++;
            }
        }
        return ends;
    }

    // One plan for each place where one is written, however many routes it holds for; none if there is none.
    private @Nullable AdmissionPlan admission(Effective<Optional<AdmissionConfig>> written) {
        String name = written.from().toString();
        if (written.value().isEmpty()) {
            admissions.remove(name);
            return null;
        }
        AdmissionConfig config = written.value().get();
        AdmissionPlan known = admissions.get(name);
        if (known != null && known.config().equals(config)) {
            return known;
        }
        if (admissions.size() >= ADMISSIONS_KEPT_MAX) {
            admissions.clear();
        }
        AdmissionPlan plan = AdmissionPlan.of(name, config);
        admissions.put(name, plan);
        return plan;
    }
}

package io.penstock.snapshot;

import io.penstock.config.ConfigProblem;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.RouteWay;
import io.penstock.config.StickyBy;
import io.penstock.filter.StickyCookie;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** Makes the runtime of a route out of its ways: one for each service that shares it. Control thread only. */
final class SplitCompiler {
    private final RouteCompiler compiler;
    private final BackendSeries series;
    private final FilterSlots filters;

    SplitCompiler(RouteCompiler compiler, BackendSeries series, FilterSlots filters) {
        this.compiler = compiler;
        this.series = series;
        this.filters = filters;
    }

    /**
     * Like {@link RouteCompiler#compile}, for all ways together.
     *
     * @param outside what holds without any of the services
     */
    Optional<RouteRuntime> compile(
            Supplier<EffectiveRoute> outside,
            List<RouteWay> ways,
            int id,
            ToIntFunction<String> upstreamIds,
            OpenedFilters opened,
            List<FilterSlot> acquired,
            List<ConfigProblem> problems) {
        if (ways.getFirst().backend().isEmpty()) {
            return compiler.compile(
                    ways.getFirst().effective(),
                    id,
                    BackendRef.NONE,
                    List.of(),
                    effective -> RouteActions.of(effective, upstreamIds),
                    opened,
                    acquired,
                    problems);
        }
        boolean isByCaller = CallerChoice.isFor(ways);
        if (isByCaller && !new CallerChoice(outside.get(), problems).check(ways)) {
            return Optional.empty();
        }
        String route = ways.getFirst().effective().route().name();
        List<RouteRuntime> runtimes = new ArrayList<>();
        List<FilterSlot> all = new ArrayList<>();
        for (RouteWay way : ways) {
            BackendRef backend = BackendRef.of(way.identity(), series.idOf(route, way.identity()));
            compiler.compile(
                            way.effective(),
                            id,
                            backend,
                            own(route, way),
                            effective -> RouteActions.of(effective, upstreamIds),
                            opened,
                            acquired,
                            problems)
                    .ifPresent(runtime -> {
                        runtimes.add(runtime);
                        all.addAll(List.of(runtime.filters()));
                    });
        }
        if (runtimes.size() < ways.size()) {
            return Optional.empty();
        }
        BackendSplit split = new BackendSplit(route, ways, runtimes);
        if (!isByCaller) {
            return Optional.of(runtimes.getFirst().leadingTo(split, all.toArray(new FilterSlot[0])));
        }
        return compiler.compile(
                        outside.get(),
                        id,
                        BackendRef.NONE,
                        List.of(),
                        anyway -> new RouteAction.Split(split),
                        opened,
                        acquired,
                        problems)
                .filter(first -> new CallerChoice(outside.get(), problems).check(first, runtimes))
                .map(first -> first.untilChosen(split, all));
    }

    private List<FilterSlot> own(String route, RouteWay way) {
        if (!way.backend().orElseThrow().sticky().equals(Optional.of(StickyBy.COOKIE))) {
            return List.of();
        }
        return List.of(filters.own(
                new StickyCookie(BackendSplit.cookieName(route), BackendSplit.token(route, way.identity())),
                "routes/" + route));
    }
}

package io.penstock.snapshot;

import io.penstock.config.ConfigDiff;
import io.penstock.config.ConfigProblem;
import io.penstock.config.CredentialConfig;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceChange;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteWay;
import io.penstock.config.ServiceConfig;
import io.penstock.filter.ErrorPages;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.SeriesNames;
import io.penstock.route.ListenerSet;
import io.penstock.route.RouteEntry;
import io.penstock.route.RouteTable;
import io.penstock.route.RouteTableWriter;
import io.penstock.route.RouteWarning;
import io.penstock.transport.tls.TicketKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a checked config into what workers run, from one revision to the next: only what changed, and what inherits from
 * it, is compiled anew; all else is shared with the snapshot before. Control thread only.
 *
 * <p>One draft at a time: it is accepted or discarded before the next is compiled.
 */
public final class SnapshotCompiler {
    private static final int WARNINGS_MAX = 100;

    private final FilterSlots filters;
    private final CompiledPages pages = new CompiledPages();
    private final RouteCompiler routeCompiler;
    private final SplitCompiler splitCompiler;
    private final BackendSeries backendSeries;
    private final LimitPlans limitPlans;
    private final CompiledListeners listeners;
    private final TlsCompiler tls;
    private final ConsumerCompiler consumers;
    private final Dependents dependents = new Dependents();
    private final RouteTableWriter writer = new RouteTableWriter();
    private final PassthroughCompiler passthroughs = new PassthroughCompiler();
    private final DenseIds routeIds = new DenseIds();
    private final Map<String, Integer> routeIdByName = new HashMap<>();
    private final SeriesNames routeNames;

    private RouteTable table;
    private DenseTable<RouteRuntime> routes = DenseTable.empty();
    private Passthroughs passthrough = Passthroughs.NONE;
    private NamedMap<ServiceConfig> services = NamedMap.empty();
    private Map<String, LimitPlan> limits = Map.of();
    private ErrorPages pagesWithoutRoute = ErrorPages.NONE;
    private HiddenParameters hidden = HiddenParameters.NONE;

    /** A compiler whose present snapshot is empty. */
    public SnapshotCompiler(
            FilterSources sources,
            int workers,
            PermitTable permits,
            SeriesNames routeNames,
            SeriesNames listenerNames,
            SeriesNames backendNames,
            SeriesNames filterNames,
            LimitPlans limitPlans) {
        this.filters = new FilterSlots(sources, workers, new FilterSeries(filterNames));
        this.limitPlans = limitPlans;
        this.routeCompiler = new RouteCompiler(filters, limitPlans, pages);
        this.consumers = new ConsumerCompiler(sources.secrets(), limitPlans);
        this.backendSeries = new BackendSeries(backendNames);
        this.splitCompiler = new SplitCompiler(routeCompiler, backendSeries, filters);
        this.tls = new TlsCompiler(sources.secrets());
        this.listeners = new CompiledListeners(permits, listenerNames, tls);
        this.routeNames = routeNames;
        this.table = writer.publish();
    }

    /** What is current. */
    public Snapshot current(long revision) {
        return new Snapshot(
                revision,
                table,
                routes,
                passthrough,
                listeners.current(),
                services,
                limits,
                consumers.current(),
                pagesWithoutRoute,
                hidden);
    }

    /** Whether a change of routes can be compiled: whether fewer tables than allowed are still read. */
    public boolean hasRoomForTable() {
        return writer.canPublish();
    }

    /** The filters that take long to open and that {@link #compile} will need. */
    public List<FilterOrder> filtersToOpen(ProxyConfig before, ProxyConfig after) {
        if (!filters.hasSlow()) {
            return List.of();
        }
        filters.begin();
        Map<FilterKey, FilterOrder> orders = new LinkedHashMap<>();
        for (String name : affectedRoutes(ConfigDiff.of(before, after), before, after)) {
            for (RouteWay way : ways(after, after.routes().find(name).orElse(null))) {
                for (FilterKey key : RouteCompiler.keys(way.effective())) {
                    filters.order(key).ifPresent(order -> orders.putIfAbsent(order.key(), order));
                }
            }
        }
        return List.copyOf(orders.values());
    }

    /**
     * Compiles what differs.
     *
     * @param before the config of the present snapshot
     * @param after a config that the validator has passed
     * @param upstreamIds the id of each upstream in {@code after}
     * @param opened what {@link #filtersToOpen} asked for; what is not used of it stays the caller's
     * @throws SnapshotRefusedException if a filter or limit cannot run; nothing has changed then
     */
    public SnapshotDraft compile(
            ProxyConfig before, ProxyConfig after, ToIntFunction<String> upstreamIds, OpenedFilters opened)
            throws SnapshotRefusedException {
        ConfigDiff diff = ConfigDiff.of(before, after);
        List<SnapshotDraft.ListenerChange> listenerChanges = new ArrayList<>();
        List<FilterSlot> acquired = new ArrayList<>();
        List<FilterSlot> replaced = new ArrayList<>();
        List<ConfigProblem> problems = new ArrayList<>();
        DenseTable<ListenerRuntime> nextListeners = listeners.compile(diff, after, listenerChanges, problems);
        List<SnapshotDraft.RouteChange> routeChanges = new ArrayList<>();
        DenseTable.Edit<RouteRuntime> edit = routes.edit();
        boolean hasTableChanged = false;
        for (String name : affectedRoutes(diff, before, after)) {
            RouteConfig old = before.routes().find(name).orElse(null);
            RouteConfig next = after.routes().find(name).orElse(null);
            int idBefore = routeIdByName.getOrDefault(name, -1);
            int idAfter = -1;
            List<RouteWay> ways = ways(after, next);
            if (next != null && !ways.isEmpty()) {
                idAfter = idBefore >= 0 ? idBefore : routeIds.take();
                Optional<RouteRuntime> runtime = splitCompiler.compile(
                        () -> EffectiveRoute.of(after, next), ways, idAfter, upstreamIds, opened, acquired, problems);
                if (runtime.isPresent()) {
                    edit.set(idAfter, runtime.get());
                    if (idBefore < 0 || old == null || !isSameEntry(old, next)) {
                        hasTableChanged |= enter(idBefore < 0 ? null : old, next, idAfter, problems);
                    }
                }
            } else if (idBefore >= 0) {
                edit.set(idBefore, null);
                hasTableChanged |= leave(old);
            }
            RouteRuntime present = idBefore < 0 ? null : routes.get(idBefore);
            if (present != null) {
                replaced.addAll(List.of(present.held()));
            }
            routeChanges.add(new SnapshotDraft.RouteChange(name, old, next, idBefore, idAfter));
        }
        Set<String> passed = passthroughs.routes(routeChanges);
        Passthroughs nextPassthrough =
                PassthroughCompiler.compile(passed, after, name -> idOf(name, routeChanges), listeners::idOf, problems);
        ConsumerDraft nextConsumers = consumers.compile(before, after, problems);
        CompiledPages.check(diff, problems);
        if (!problems.isEmpty()) {
            consumers.discard(nextConsumers);
            writer.rollback();
            undo(acquired, routeChanges, listenerChanges);
            throw new SnapshotRefusedException(problems);
        }
        List<RouteWarning> warnings = new ArrayList<>();
        for (SnapshotDraft.RouteChange change : routeChanges) {
            if (change.idAfter() >= 0 && !passed.contains(change.name()) && warnings.size() < WARNINGS_MAX) {
                warnings.addAll(writer.warnings(change.name()));
            }
        }
        return new SnapshotDraft(
                hasTableChanged ? writer.publish() : table,
                routeChanges.isEmpty() ? routes : edit.done(),
                nextPassthrough,
                passed,
                nextListeners,
                after.services(),
                NamedLimits.next(limits, before, after, limitPlans),
                nextConsumers,
                pages.of(EffectiveRoute.pagesWithoutRoute(after)),
                hidden.next(diff, before, after),
                hasTableChanged,
                routeChanges,
                listenerChanges,
                acquired,
                replaced,
                warnings);
    }

    private static List<RouteWay> ways(ProxyConfig config, @Nullable RouteConfig route) {
        return route == null ? List.of() : RouteWay.served(config, route);
    }

    private static boolean isSameEntry(RouteConfig old, RouteConfig next) {
        return old.matches().equals(next.matches())
                && old.priority() == next.priority()
                && old.listeners().equals(next.listeners())
                && old.upstream().isPresent() == next.upstream().isPresent();
    }

    // What is passed on stands in no table of requests. Returns whether the table is another one now.
    private boolean enter(@Nullable RouteConfig old, RouteConfig next, int id, List<ConfigProblem> problems) {
        if (next.upstream().isEmpty()) {
            putRoute(next, id, problems);
            return true;
        }
        return old != null && leave(old);
    }

    private boolean leave(@Nullable RouteConfig old) {
        if (old == null || old.upstream().isPresent()) {
            return false;
        }
        writer.remove(old.name());
        return true;
    }

    private int idOf(String route, List<SnapshotDraft.RouteChange> changes) {
        for (SnapshotDraft.RouteChange change : changes) {
            if (change.name().equals(route)) {
                return change.idAfter();
            }
        }
        return routeIdByName.getOrDefault(route, -1);
    }

    private void putRoute(RouteConfig route, int id, List<ConfigProblem> problems) {
        List<Integer> ids = new ArrayList<>();
        for (String listener : route.listeners()) {
            ids.add(listeners.idOf(listener));
        }
        ListenerSet served = ids.isEmpty() ? ListenerSet.ALL : ListenerSet.of(ids);
        try {
            writer.put(new RouteEntry(id, route.name(), route.priority(), served, route.matches()));
        } catch (IllegalArgumentException refused) {
            problems.add(new ConfigProblem(
                    ResourceRef.of(ResourceType.ROUTES, route.name()),
                    "/matches",
                    "route-refused",
                    String.valueOf(refused.getMessage()),
                    Optional.empty()));
        }
    }

    private Set<String> affectedRoutes(ConfigDiff diff, ProxyConfig before, ProxyConfig after) {
        Set<String> affected = new TreeSet<>();
        if (diff.defaultsChanged()) {
            after.routes().names().forEach(affected::add);
        }
        for (ResourceChange change : diff.changes()) {
            String name = change.ref().name();
            switch (change.ref().type().orElseThrow()) {
                case ROUTES -> affected.add(name);
                case SERVICES, API_GROUPS, POLICIES, LIMITS, ERROR_PAGES -> {
                    ResourceType type = change.ref().type().orElseThrow();
                    dependents.addRoutesOf(before, type, name, affected);
                    dependents.addRoutesOf(after, type, name, affected);
                }
                // What uses a secret is changed with it: its settings name the value that they were prepared with.
                case LISTENERS,
                        UPSTREAMS,
                        NETWORKS,
                        BACKEND_GRANTS,
                        ACCESS_LOGS,
                        SECRETS,
                        CONSUMER_GROUPS,
                        CONSUMERS,
                        CERTIFICATES,
                        CA_BUNDLES,
                        TLS_POLICIES,
                        ACME_ACCOUNTS -> {}
            }
        }
        return affected;
    }

    // ---- what becomes of a draft ----

    /**
     * Makes a draft the present snapshot. Does not fail.
     *
     * @param after the config it was compiled from
     * @return what only the snapshots before still use
     */
    public Replaced accept(SnapshotDraft draft, ProxyConfig after) {
        for (SnapshotDraft.RouteChange change : draft.routeChanges) {
            dependents.changed(change.name(), change.before(), change.after());
            if (change.idAfter() >= 0) {
                routeIdByName.put(change.name(), change.idAfter());
                if (change.idBefore() < 0) {
                    routeNames.assign(change.idAfter(), change.name());
                }
            } else if (change.idBefore() >= 0) {
                routeIdByName.remove(change.name());
                routeNames.release(change.idBefore());
                routeIds.rest(change.idBefore(), draft.table.version());
            }
        }
        List<String> goneListeners = listeners.accept(draft, after);
        table = draft.table;
        routes = draft.routes;
        passthrough = draft.passthrough;
        passthroughs.accepted(draft.passthroughRoutes);
        settleBackends(draft.routeChanges);
        services = draft.services;
        limitPlans.accepted(limits, draft.limits, draft.table.version());
        limits = draft.limits;
        consumers.accept(draft.consumers);
        pagesWithoutRoute = draft.pagesWithoutRoute;
        hidden = draft.hidden;
        return new Replaced(filters.release(draft.replaced), goneListeners);
    }

    /**
     * What only earlier snapshots still use.
     *
     * @param filters to be closed by each worker when it has released those
     * @param listeners whose permits are retired when every worker has adopted the later one
     */
    public record Replaced(List<FilterSlot> filters, List<String> listeners) {}

    /** When a request was last known by a credential that is served; empty if not since the process began. */
    public Optional<Instant> lastUse(CredentialConfig credential) {
        return consumers.lastUse(credential);
    }

    /** What is known of certificates' states, by their fingerprints. */
    public void staples(Map<String, byte[]> fetched) {
        tls.staples(fetched);
    }

    /** Replaces the keys of tickets that https listeners give their clients. */
    public void tickets(List<TicketKey> keys) {
        tls.tickets(keys);
    }

    /** Lets other resources have the permits of a listener that no worker accepts for any more. */
    public void retireListener(String name) {
        listeners.retire(name);
    }

    /** Gives up a draft: everything is as it was before it was compiled. */
    public void discard(SnapshotDraft draft) {
        if (draft.hasOwnTable) {
            writer.discard(draft.table);
        }
        consumers.discard(draft.consumers);
        undo(draft.acquired, draft.routeChanges, draft.listenerChanges);
    }

    private void undo(
            List<FilterSlot> acquired,
            List<SnapshotDraft.RouteChange> routeChanges,
            List<SnapshotDraft.ListenerChange> listenerChanges) {
        for (FilterSlot slot : filters.release(acquired)) {
            slot.closeUnused();
        }
        settleBackends(routeChanges);
        for (SnapshotDraft.RouteChange change : routeChanges) {
            if (change.idBefore() < 0 && change.idAfter() >= 0) {
                routeIds.giveBack(change.idAfter());
            }
        }
        listeners.undo(listenerChanges);
    }

    private void settleBackends(List<SnapshotDraft.RouteChange> changes) {
        for (SnapshotDraft.RouteChange change : changes) {
            Integer id = routeIdByName.get(change.name());
            backendSeries.settle(change.name(), id == null ? null : routes.get(id), table.version());
        }
    }

    /**
     * Frees what no worker reads any more.
     *
     * @param oldestInUse the oldest table version that may still be read
     */
    public void released(long oldestInUse) {
        long oldest = Math.min(oldestInUse, table.version());
        writer.retireBelow(oldest);
        routeIds.reclaim(oldest);
        backendSeries.reclaim(oldest);
        limitPlans.released(oldest);
        listeners.reclaim(oldest);
    }

    /** Tables that are still read, the present one included. */
    public int liveTables() {
        return writer.liveTables();
    }

    /** Native memory of all tables, in bytes. */
    public long offHeapBytes() {
        return writer.offHeapBytes();
    }
}

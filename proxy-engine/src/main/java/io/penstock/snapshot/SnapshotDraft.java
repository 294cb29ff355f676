package io.penstock.snapshot;

import io.penstock.config.NamedMap;
import io.penstock.config.RouteConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.filter.ErrorPages;
import io.penstock.limit.LimitPlan;
import io.penstock.route.RouteTable;
import io.penstock.route.RouteWarning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that is compiled and not yet current, with what has to be done when it becomes so, or undone when it does
 * not. Made by {@link SnapshotCompiler#compile}, and given back to exactly one of {@code accept} and {@code discard}.
 */
public final class SnapshotDraft {
    final RouteTable table;
    final DenseTable<RouteRuntime> routes;
    final Passthroughs passthrough;
    final Set<String> passthroughRoutes;
    final DenseTable<ListenerRuntime> listeners;
    final NamedMap<ServiceConfig> services;
    final Map<String, LimitPlan> limits;
    final ConsumerDraft consumers;
    final ErrorPages pagesWithoutRoute;
    final HiddenParameters hidden;
    final boolean hasOwnTable;
    final List<RouteChange> routeChanges;
    final List<ListenerChange> listenerChanges;
    final List<FilterSlot> acquired;
    final List<FilterSlot> replaced;
    private final List<RouteWarning> warnings;

    /** What becomes of one route. The configs are null where the route is new or gone, the ids -1 where it is not served. */
    record RouteChange(
            String name,
            @Nullable RouteConfig before,
            @Nullable RouteConfig after,
            int idBefore,
            int idAfter) {}

    /**
     * What becomes of one listener. The runtimes are null where it is not open before or after.
     *
     * @param isMoved whether it needs another socket
     * @param hasNewId whether this change gave it its id
     */
    record ListenerChange(
            String name,
            @Nullable ListenerRuntime before,
            @Nullable ListenerRuntime after,
            boolean isMoved,
            boolean hasNewId) {}

    SnapshotDraft(
            RouteTable table,
            DenseTable<RouteRuntime> routes,
            Passthroughs passthrough,
            Set<String> passthroughRoutes,
            DenseTable<ListenerRuntime> listeners,
            NamedMap<ServiceConfig> services,
            Map<String, LimitPlan> limits,
            ConsumerDraft consumers,
            ErrorPages pagesWithoutRoute,
            HiddenParameters hidden,
            boolean hasOwnTable,
            List<RouteChange> routeChanges,
            List<ListenerChange> listenerChanges,
            List<FilterSlot> acquired,
            List<FilterSlot> replaced,
            List<RouteWarning> warnings) {
        this.table = table;
        this.routes = routes;
        this.passthrough = passthrough;
        this.passthroughRoutes = passthroughRoutes;
        this.listeners = listeners;
        this.services = services;
        this.limits = limits;
        this.consumers = consumers;
        this.pagesWithoutRoute = pagesWithoutRoute;
        this.hidden = hidden;
        this.hasOwnTable = hasOwnTable;
        this.routeChanges = routeChanges;
        this.listenerChanges = listenerChanges;
        this.acquired = acquired;
        this.replaced = replaced;
        this.warnings = List.copyOf(warnings);
    }

    /** The snapshot under the number it gets. */
    public Snapshot snapshot(long revision) {
        return new Snapshot(
                revision,
                table,
                routes,
                passthrough,
                listeners,
                services,
                limits,
                consumers.table,
                pagesWithoutRoute,
                hidden);
    }

    /** The listeners that have to be opened: new ones, and those whose address is another. */
    public List<ListenerRuntime> opened() {
        List<ListenerRuntime> opened = new ArrayList<>();
        for (ListenerChange change : listenerChanges) {
            if (change.after() != null && (change.before() == null || change.isMoved())) {
                opened.add(change.after());
            }
        }
        return opened;
    }

    /** The ids of listeners whose sockets have to be closed: those gone, and those whose address is another. */
    public List<Integer> closed() {
        List<Integer> closed = new ArrayList<>();
        for (ListenerChange change : listenerChanges) {
            if (change.before() != null && (change.after() == null || change.isMoved())) {
                closed.add(change.before().id());
            }
        }
        return closed;
    }

    /** Routes written by this change that can never win, or that keep others from it. */
    public List<RouteWarning> warnings() {
        return warnings;
    }
}

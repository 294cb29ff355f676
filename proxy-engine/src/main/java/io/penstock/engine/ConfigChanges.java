package io.penstock.engine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigValidator;
import io.penstock.config.ConfigWarning;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointDirectory;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.HealthDirectory;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.metrics.AccessLog;
import io.penstock.metrics.AccessLogSpec;
import io.penstock.route.RouteWarning;
import io.penstock.snapshot.FilterOrder;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.OpenedFilters;
import io.penstock.snapshot.Pins;
import io.penstock.snapshot.SnapshotCompiler;
import io.penstock.snapshot.SnapshotDraft;
import io.penstock.snapshot.SnapshotRefusedException;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.Transport;
import io.penstock.upstream.UpstreamPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The config that is served and the way from it to the next: prepared first, which may fail and then nothing has changed,
 * then published, which cannot. Control thread only.
 */
final class ConfigChanges {
    /** How long a change waits for the names of new targets to be looked up. */
    static final Duration LEARN_MAX = Duration.ofSeconds(3);

    /** The code of a change that waited in vain for older route tables. */
    static final String TABLES_IN_USE = "tables-in-use";

    private final EngineOptions options;
    private final Transport transport;
    private final ControlLoop control;
    private final SnapshotCompiler compiler;
    private final UpstreamPlanner planner;
    private final EndpointDirectory directory;
    private final HealthDirectory health;
    private final AccessLog accessLog;
    private final Pins pins;
    private final Workers workers;
    private final OpenListeners openListeners = new OpenListeners();
    private ProxyConfig config = ProxyConfig.empty();
    private UpstreamPlan upstreams = UpstreamPlan.empty();
    private long revision;
    private @Nullable Prepared outstanding;

    ConfigChanges(
            EngineOptions options,
            Transport transport,
            ControlLoop control,
            SnapshotCompiler compiler,
            UpstreamPlanner planner,
            EndpointDirectory directory,
            HealthDirectory health,
            AccessLog accessLog,
            Pins pins,
            Workers workers) {
        this.options = options;
        this.transport = transport;
        this.control = control;
        this.compiler = compiler;
        this.planner = planner;
        this.directory = directory;
        this.health = health;
        this.accessLog = accessLog;
        this.pins = pins;
        this.workers = workers;
    }

    /** Has the names of new targets looked up. @return completes when they are, or it has taken too long */
    CompletableFuture<Void> learn(ProxyConfig next) {
        List<UpstreamConfig> changed = new ArrayList<>();
        NamedMap.diff(config.upstreams(), next.upstreams(), (name, old, wanted) -> {
            if (wanted != null) {
                changed.add(wanted);
            }
        });
        return directory.learn(changed, LEARN_MAX);
    }

    /** What takes long to open and has to be opened before {@link #tryPrepare}. */
    List<FilterOrder> filtersToOpen(ProxyConfig next) {
        return compiler.filtersToOpen(config, next);
    }

    /**
     * Empty if the change has to wait for older tables, or for listeners to be closed.
     *
     * @param isRehearsal whether sockets and files are left alone: what comes of it is not published
     */
    Optional<Preparation> tryPrepare(ProxyConfig next, OpenedFilters opened, boolean isRehearsal) {
        if (outstanding != null) {
            throw new IllegalStateException("another config is prepared and neither published nor discarded");
        }
        if (mustWaitForClosing(next)) {
            return Optional.empty();
        }
        if (!compiler.hasRoomForTable()) {
            compiler.released(pins.oldestInUse());
            if (mustWaitForClosing(next)) {
                return Optional.empty();
            }
            if (!compiler.hasRoomForTable()) {
                return Optional.empty();
            }
        }
        List<ConfigProblem> problems =
                new ArrayList<>(AccessLogs.problems(config, next, options.logFolder(), !isRehearsal));
        Optional<ConfigProblem> full = planner.noRoom(config, next);
        if (full.isPresent()) {
            problems.add(full.get());
            return Optional.of(new Preparation.Refused(problems));
        }
        List<ConfigProblem> insecure = planner.secure(config, next);
        if (!insecure.isEmpty()) {
            problems.addAll(insecure);
            return Optional.of(new Preparation.Refused(problems));
        }
        UpstreamPlan plan = planner.plan(upstreams, config, next);
        SnapshotDraft draft;
        try {
            draft = compiler.compile(config, next, name -> plan.idOf(name).orElseThrow(), opened);
        } catch (SnapshotRefusedException refused) {
            planner.discarded(config, next);
            problems.addAll(refused.problems());
            return Optional.of(new Preparation.Refused(problems));
        }
        PreparedSockets sockets = new PreparedSockets(options.workers());
        for (ListenerRuntime listener : isRehearsal ? List.<ListenerRuntime>of() : draft.opened()) {
            sockets.bind(transport, listener, options.inherited().orElseGet(InheritedSockets::none))
                    .ifPresent(problems::add);
        }
        Prepared prepared = new Prepared(next, draft, plan, sockets, isRehearsal);
        if (!problems.isEmpty()) {
            discard(prepared);
            return Optional.of(new Preparation.Refused(problems));
        }
        outstanding = prepared;
        return Optional.of(new Preparation.Ready(prepared, warnings(next, draft)));
    }

    private boolean mustWaitForClosing(ProxyConfig next) {
        return workers.areClosingListeners() && !config.listeners().equals(next.listeners());
    }

    /** Why {@link #tryPrepare} gave nothing. */
    ConfigProblem waitsFor(ProxyConfig next) {
        return mustWaitForClosing(next)
                ? new ConfigProblem(
                        ResourceRef.DEFAULTS,
                        "",
                        "listeners-closing",
                        "listeners that an earlier change removed are not closed by every worker yet",
                        Optional.of("try again; if it lasts, look for workers that do not turn in /v1/node"))
                : new ConfigProblem(
                        ResourceRef.DEFAULTS,
                        "",
                        TABLES_IN_USE,
                        "8 older route tables are still read by requests under way, and no more may live at once",
                        Optional.of("try again; if it lasts, look for workers that do not turn in /v1/node"));
    }

    private List<ConfigWarning> warnings(ProxyConfig next, SnapshotDraft draft) {
        List<ConfigWarning> warnings = new ArrayList<>(ConfigValidator.warnings(config, next));
        warnings.addAll(planner.warnings(config, next));
        for (RouteWarning warning : draft.warnings()) {
            warnings.add(new ConfigWarning(
                    ResourceRef.of(ResourceType.ROUTES, warning.route()),
                    "/matches/" + warning.match(),
                    warning.code().text(),
                    warning.detail(),
                    Optional.empty()));
        }
        return warnings;
    }

    /** Gives a prepared config up; all is as it was. */
    void discard(Prepared prepared) {
        prepared.sockets.close();
        compiler.discard(prepared.draft);
        planner.discarded(config, prepared.config);
        outstanding = null;
    }

    /** Posts a prepared config to every worker. */
    Adoption publish(Prepared prepared, long number) {
        if (outstanding != prepared) {
            throw new IllegalStateException("this config is not the one that is prepared");
        }
        if (prepared.isRehearsal) {
            throw new IllegalStateException("a rehearsal is not published");
        }
        outstanding = null;
        ProxyConfig before = config;
        ProxyConfig after = prepared.config;
        SnapshotCompiler.Replaced replaced = compiler.accept(prepared.draft, after);
        List<EndpointSet> endpoints = directory.follow(before, after);
        if (!before.accessLogs().equals(after.accessLogs())) {
            accessLog.logs(AccessLogs.specs(after, options.logFolder()));
        }
        planner.accepted();
        openListeners.published(prepared);
        config = after;
        upstreams = prepared.upstreams;
        revision = number;
        List<UpstreamHealth> known = health.follow(before, after, endpoints);
        Adoption adoption =
                workers.adopt(prepared.draft.snapshot(number), prepared, replaced.filters(), endpoints, known);
        List<String> goneUpstreams = UpstreamPlanner.gone(before, after);
        adoption.active().thenRun(() -> control.post(() -> adopted(replaced.listeners(), goneUpstreams)));
        return adoption;
    }

    /** Every worker serves a revision: what it no longer names takes no more permits, unless it came back meanwhile. */
    private void adopted(List<String> goneListeners, List<String> goneUpstreams) {
        for (String name : goneListeners) {
            if (!config.listeners().contains(name)) {
                compiler.retireListener(name);
            }
        }
        planner.retire(goneUpstreams.stream()
                .filter(name -> !config.upstreams().contains(name))
                .toList());
    }

    /** Frees the tables that no worker reads any more. */
    void releaseTables() {
        compiler.released(pins.oldestInUse());
    }

    /** The sockets of each listener that is open. */
    List<ListenerSockets> listenerSockets() {
        return openListeners.sockets();
    }

    /**
     * From here on another process owns the access logs' files: nothing of this one renames them any more, lines are still
     * appended.
     */
    void leaveAccessLogs() {
        accessLog.logs(AccessLogs.specs(config, options.logFolder()).stream()
                .map(AccessLogSpec::withoutRotation)
                .toList());
    }

    /** Rotates the access logs' files again. */
    void keepAccessLogs() {
        accessLog.logs(AccessLogs.specs(config, options.logFolder()));
    }

    /** The config that is served. */
    ProxyConfig config() {
        return config;
    }

    /** How all this stands, for those who must not wait. */
    EngineView view(EnginePhase phase) {
        return new EngineView(
                phase,
                revision,
                config,
                compiler.liveTables(),
                compiler.offHeapBytes(),
                workers.adoptedRevisions(),
                openListeners.status());
    }
}

package io.penstock.engine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigValidator;
import io.penstock.config.ConfigWarning;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.DnsView;
import io.penstock.discovery.EndpointDirectory;
import io.penstock.discovery.EndpointDrain;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointView;
import io.penstock.exchange.SampleRequest;
import io.penstock.filter.HeadersFilter;
import io.penstock.filter.RewriteFilter;
import io.penstock.limit.RateSweep;
import io.penstock.metrics.AccessLog;
import io.penstock.metrics.AccessLogBounds;
import io.penstock.metrics.AccessLogStatus;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Family;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.MetricsReading;
import io.penstock.metrics.ProcessSamples;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.SeriesReading;
import io.penstock.metrics.Trail;
import io.penstock.metrics.TrailEntry;
import io.penstock.route.RouteWarning;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.OpenedFilters;
import io.penstock.snapshot.SnapshotCompiler;
import io.penstock.snapshot.SnapshotDraft;
import io.penstock.snapshot.SnapshotRefusedException;
import io.penstock.spi.FilterProvider;
import io.penstock.transport.DnsClient;
import io.penstock.transport.Transport;
import io.penstock.transport.TransportMemory;
import io.penstock.transport.TransportRefused;
import io.penstock.upstream.UpstreamPlan;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The data plane's front door: start it, prepare a config and publish it, ask what it does, drain it, stop it.
 *
 * <p>Everything about a change happens on one control thread; callers wait for it and are never workers. Preparing may
 * fail and then nothing has changed; publishing cannot. Readings (metrics, trail, health) ask no worker.
 */
public final class ProxyEngine implements AutoCloseable {
    /** How long a change waits for the names of new targets to be looked up. */
    private static final Duration LEARN_MAX = Duration.ofSeconds(3);

    /** How long a change waits for older route tables to be read no more, before it is refused. */
    private static final Duration TABLE_WAIT_MAX = Duration.ofSeconds(10);

    /** How long a look for a request waits for the access log to take what it has in its rings. */
    private static final Duration TRAIL_WAIT_MAX = Duration.ofMillis(500);

    private static final Duration RELEASE_PERIOD = Duration.ofMillis(50);
    private static final Duration SWEEP_PERIOD = Duration.ofSeconds(1);

    private final EngineOptions options;
    private final Transport transport;
    private final ControlLoop control;
    private final EngineTables tables;
    private final Metrics metrics;
    private final AccessLog accessLog;
    private final Watchdog watchdog;
    private final DnsClient dnsClient;
    private final EndpointDirectory directory;
    private final SnapshotCompiler compiler;
    private final UpstreamPlanner planner;
    private final EngineSamples samples;
    private final RateSweep rateSweep;
    private final Workers workers;
    private final OpenListeners openListeners = new OpenListeners();
    private final PreparationThread preparations;

    // Written by the control thread only, read by any.
    private volatile EngineView view =
            new EngineView(EnginePhase.STARTING, 0, ProxyConfig.empty(), 0, 0, new long[0], List.of());

    // Below: the control thread's.
    private ProxyConfig config = ProxyConfig.empty();
    private UpstreamPlan upstreams = UpstreamPlan.empty();
    private EnginePhase phase = EnginePhase.STARTING;
    private long revision;
    private @Nullable Prepared outstanding;

    private ProxyEngine(EngineOptions options, Transport transport) {
        this.options = options;
        this.transport = transport;
        this.control = new ControlLoop(options.clock());
        this.preparations = new PreparationThread(options.filterOpenMax());
        SecureRandom random = new SecureRandom();
        this.tables = new EngineTables(options, random);
        this.metrics = new Metrics(options.workers(), SeriesBounds.usual());
        AccessLogBounds bounds = AccessLogBounds.forWorkers(options.workers());
        this.accessLog = new AccessLog(metrics, bounds, Trail.usual(bounds), System::nanoTime);
        this.watchdog = new Watchdog(metrics);
        this.dnsClient = DnsClient.open();
        this.directory = new EndpointDirectory(
                new DnsAnswers(dnsClient), control, this::endpointsChanged, metrics, random.nextLong());
        List<FilterProvider> providers = new ArrayList<>(options.providers());
        providers.add(RewriteFilter.provider());
        providers.add(HeadersFilter.provider());
        this.compiler = new SnapshotCompiler(
                providers,
                options.workers(),
                tables.shared().permits(),
                metrics.names(Family.ROUTE),
                metrics.names(Family.LISTENER));
        this.planner = new UpstreamPlanner(directory, tables.shared().permits());
        this.samples = new EngineSamples(this);
        this.rateSweep = new RateSweep(tables.shared().rates(), System::nanoTime);
        metrics.register(samples);
        metrics.register(accessLog);
        metrics.register(rateSweep);
        metrics.register(processSamples());
        this.workers = new Workers(options, transport, metrics, control, this::refreshView);
        workers.start(tables.shared(), accessLog, compiler.current(0), random);
        refreshView();
    }

    /**
     * Starts an engine that serves nothing yet.
     *
     * @throws TransportRefused if the wanted transport does not work here
     */
    public static ProxyEngine start(EngineOptions options) throws TransportRefused {
        ProxyEngine engine = new ProxyEngine(options, Transport.open(options.transport()));
        engine.accessLog.start();
        engine.watchdog.start();
        engine.control.every(RELEASE_PERIOD, engine::releaseTables);
        engine.control.every(SWEEP_PERIOD, engine.rateSweep::next);
        return engine;
    }

    private ProcessSamples processSamples() {
        ProcessSamples process = new ProcessSamples(options.version());
        process.memoryOwner("route tables", this::tableBytes);
        process.memoryOwner("transport", this::transportBytes);
        process.memoryOwner(
                "limits",
                () -> tables.shared().rates().bytes()
                        + tables.shared().permits().bytes());
        return process;
    }

    // ---- a config change ----

    /**
     * Does everything about a config that can fail: compiles it, binds the sockets of new listeners, opens filters, learns
     * the addresses of new targets. Waits; not for a worker's thread. One prepared config at a time.
     */
    public Preparation prepare(ProxyConfig next) {
        learn(next);
        OpenedFilters opened =
                preparations.open(control.call(() -> compiler.filtersToOpen(config, next)), options.workers());
        try {
            return prepare(next, opened);
        } finally {
            opened.closeUnused();
        }
    }

    private Preparation prepare(ProxyConfig next, OpenedFilters opened) {
        long deadlineNs = System.nanoTime() + TABLE_WAIT_MAX.toNanos();
        while (true) {
            Optional<Preparation> preparation = control.call(() -> tryPrepare(next, opened));
            if (preparation.isPresent()) {
                return preparation.get();
            }
            if (System.nanoTime() > deadlineNs) {
                return new Preparation.Refused(List.of(new ConfigProblem(
                        ResourceRef.DEFAULTS,
                        "",
                        "tables-in-use",
                        "8 older route tables are still read by requests under way, and no more may live at once",
                        Optional.of("try again; if it lasts, look for workers that do not turn in /v1/node"))));
            }
            samples.waitedForTable();
            pause();
        }
    }

    private void learn(ProxyConfig next) {
        CompletableFuture<Void> learned = control.call(() -> {
            List<UpstreamConfig> changed = new ArrayList<>();
            NamedMap.diff(config.upstreams(), next.upstreams(), (name, old, wanted) -> {
                if (wanted != null) {
                    changed.add(wanted);
                }
            });
            return directory.learn(changed, LEARN_MAX);
        });
        await(learned, LEARN_MAX.plusSeconds(1));
    }

    /** Empty if the change has to wait for older tables. */
    private Optional<Preparation> tryPrepare(ProxyConfig next, OpenedFilters opened) {
        if (outstanding != null) {
            throw new IllegalStateException("another config is prepared and neither published nor discarded");
        }
        if (!compiler.hasRoomForTable()) {
            releaseTables();
            if (!compiler.hasRoomForTable()) {
                return Optional.empty();
            }
        }
        List<ConfigProblem> problems = new ArrayList<>(AccessLogs.problems(config, next, options.logFolder()));
        Optional<ConfigProblem> full = planner.noRoom(config, next);
        if (full.isPresent()) {
            problems.add(full.get());
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
        PreparedSockets sockets = new PreparedSockets();
        for (ListenerRuntime listener : draft.opened()) {
            sockets.bind(transport, listener, options.workers()).ifPresent(problems::add);
        }
        Prepared prepared = new Prepared(next, draft, plan, sockets);
        if (!problems.isEmpty()) {
            discardNow(prepared);
            return Optional.of(new Preparation.Refused(problems));
        }
        outstanding = prepared;
        return Optional.of(new Preparation.Ready(prepared, warnings(next, draft)));
    }

    private List<ConfigWarning> warnings(ProxyConfig next, SnapshotDraft draft) {
        List<ConfigWarning> warnings = new ArrayList<>(ConfigValidator.warnings(config, next));
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
    public void discard(Prepared prepared) {
        control.call(() -> {
            discardNow(prepared);
            return true;
        });
    }

    private void discardNow(Prepared prepared) {
        prepared.sockets.close();
        compiler.discard(prepared.draft);
        planner.discarded(config, prepared.config);
        outstanding = null;
    }

    /** Makes a prepared config the one that every worker serves. Cannot fail; does not wait for the workers. */
    public Adoption publish(Prepared prepared, long number) {
        return control.call(() -> publishNow(prepared, number));
    }

    private Adoption publishNow(Prepared prepared, long number) {
        if (outstanding != prepared) {
            throw new IllegalStateException("this config is not the one that is prepared");
        }
        outstanding = null;
        ProxyConfig before = config;
        ProxyConfig after = prepared.config;
        SnapshotCompiler.Replaced replaced = compiler.accept(prepared.draft, after);
        List<EndpointSet> endpoints = directory.follow(before, after);
        if (!before.accessLogs().equals(after.accessLogs())) {
            accessLog.logs(AccessLogs.specs(after, options.logFolder()));
        }
        openListeners.published(prepared);
        config = after;
        upstreams = prepared.upstreams;
        revision = number;
        Adoption adoption = workers.adopt(prepared.draft.snapshot(number), prepared, replaced.filters(), endpoints);
        refreshView();
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
        if (phase == EnginePhase.STARTING) {
            enter(EnginePhase.SERVING);
        }
    }

    private void enter(EnginePhase next) {
        phase = next;
        refreshView();
    }

    private void endpointsChanged(EndpointSet endpoints) {
        workers.update(endpoints);
    }

    private void releaseTables() {
        compiler.released(tables.shared().pins().oldestInUse());
        if (compiler.liveTables() != view.liveTables()) {
            refreshView();
        }
    }

    private void refreshView() {
        view = new EngineView(
                phase,
                revision,
                config,
                compiler.liveTables(),
                compiler.offHeapBytes(),
                workers.adoptedRevisions(),
                openListeners.status());
    }

    // ---- readings: any thread but a worker's ----

    /** How the engine stands. Waits for nobody. */
    public EngineStatus status() {
        EngineView now = view;
        List<EngineStatus.WorkerStatus> each = new ArrayList<>();
        for (int index = 0; index < now.adopted().length; index++) {
            each.add(new EngineStatus.WorkerStatus(
                    index,
                    now.adopted()[index],
                    metrics.counters(index).value(Counter.CONNECTIONS_OPEN),
                    metrics.counters(index).value(Counter.REQUESTS_ACTIVE)));
        }
        return new EngineStatus(
                options.version(),
                transport.name(),
                transport.reason(),
                now.phase(),
                now.revision(),
                watchdog.stuckWorkers(),
                watchdog.stalls(),
                now.liveTables(),
                each,
                now.listeners(),
                EngineStatus.ABSENT_FEATURES);
    }

    /** Whether every worker serves a revision and turns, and nothing is being drained. Waits for nobody. */
    public boolean isReady() {
        return view.phase() == EnginePhase.SERVING && watchdog.stuckWorkers() == 0;
    }

    /** Everything counted until now. */
    public MetricsReading metrics() {
        return metrics.read();
    }

    /** The decisions about a recent request. One just answered may still be in a ring: a miss waits for it and looks again. */
    public Optional<TrailEntry> request(String requestId) {
        return accessLog.trail().find(requestId).or(() -> {
            settleAccessLog();
            return accessLog.trail().find(requestId);
        });
    }

    private void settleAccessLog() {
        try {
            accessLog.settle(TRAIL_WAIT_MAX);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Recent requests and their decisions. */
    public Trail trail() {
        return accessLog.trail();
    }

    /** How each access log fares. */
    public List<AccessLogStatus> accessLogs() {
        return accessLog.status();
    }

    /** Has the files of all access logs opened by their names again. */
    public void reopenAccessLogs() {
        accessLog.reopen();
    }

    /** What is known of every name that targets have. */
    public List<DnsView> dns() {
        return control.call(directory::dns);
    }

    /** Asks for a name again, now. @return whether the name is known here */
    public boolean flushDns(String name) {
        return control.call(() -> directory.flush(name));
    }

    /** Every endpoint of an upstream and what was counted of it; none if there is no such upstream. */
    public List<EndpointStatus> endpoints(String upstream) {
        List<EndpointView> views = control.call(() -> directory.views(upstream));
        List<SeriesReading> counted = metrics.read().series(Family.ENDPOINT);
        return views.stream()
                .map(view -> new EndpointStatus(
                        view,
                        view.address()
                                .map(address -> List.of(upstream, EndpointDirectory.seriesName(address)))
                                .flatMap(name -> counted.stream()
                                        .filter(series -> series.name().equals(name))
                                        .findFirst())))
                .toList();
    }

    /** Makes these drains the ones in force; each ends by itself at its time. Workers hear of it soon after. */
    public void drains(List<EndpointDrain> drains) {
        control.call(() -> {
            directory.drain(drains).forEach(this::endpointsChanged);
            return true;
        });
    }

    /**
     * Says what becomes of a sample request, and why.
     *
     * @throws SampleRefusedException if no client could send it here
     */
    public Explanation explain(ExplainRequest request) throws SampleRefusedException {
        SampleRequest sample = Explainer.sample(request, view.config());
        return control.call(
                () -> new Explainer(compiler.current(revision), config, directory).explain(sample, request.listener()));
    }

    long tableBytes() {
        return view.tableBytes();
    }

    EngineTables tables() {
        return tables;
    }

    long stalls() {
        return watchdog.stalls();
    }

    /** Native memory of the loops, that in use among it. */
    TransportMemory transportMemory() {
        return transport.memory();
    }

    long transportBytes() {
        return transport.memory().reservedBytes();
    }

    // ---- the end ----

    /**
     * Stops accepting, answers what runs, and waits for it.
     *
     * @return whether no connection was left in time
     */
    public boolean drain(Duration atMost) {
        CompletableFuture<Void> drained = control.call(() -> {
            enter(EnginePhase.DRAINING);
            return workers.drain();
        });
        return await(drained, atMost);
    }

    /** Cuts what is still open and lets go of everything. */
    @Override
    public void close() {
        CompletableFuture<Void> stopped = control.call(() -> {
            enter(EnginePhase.STOPPED);
            return workers.stop();
        });
        await(stopped, Duration.ofSeconds(5));
        watchdog.close();
        preparations.close();
        workers.close();
        control.call(() -> {
            directory.close();
            return true;
        });
        dnsClient.close();
        control.close();
        accessLog.close();
        tables.close();
    }

    private static boolean await(CompletableFuture<Void> future, Duration atMost) {
        try {
            future.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException failure) {
            throw new IllegalStateException("the engine failed while it was waited for", failure.getCause());
        }
    }

    private static void pause() {
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
}

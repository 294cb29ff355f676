package io.penstock.engine;

import io.penstock.config.ProxyConfig;
import io.penstock.discovery.DnsView;
import io.penstock.discovery.EndpointDirectory;
import io.penstock.discovery.EndpointView;
import io.penstock.discovery.HealthDirectory;
import io.penstock.discovery.HealthView;
import io.penstock.exchange.SampleRequest;
import io.penstock.limit.LimitPlan;
import io.penstock.metrics.AccessLog;
import io.penstock.metrics.AccessLogStatus;
import io.penstock.metrics.Family;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.MetricsReading;
import io.penstock.metrics.SeriesReading;
import io.penstock.metrics.Trail;
import io.penstock.metrics.TrailEntry;
import io.penstock.snapshot.LimitPlans;
import io.penstock.snapshot.SnapshotCompiler;
import io.penstock.transport.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an engine does and has done, for those who watch it. Any thread but a worker's. Nothing here changes anything, and no
 * worker is asked.
 *
 * <p>What says that it waits for nobody is answered however long a change takes; what has to be read where changes are made
 * waits for the control thread.
 */
public final class EngineReadings {
    /** How long a look for a request waits for the access log to take what it has in its rings. */
    private static final Duration TRAIL_WAIT_MAX = Duration.ofMillis(500);

    private final EngineOptions options;
    private final Transport transport;
    private final ControlLoop control;
    private final Metrics metrics;
    private final AccessLog accessLog;
    private final Watchdog watchdog;
    private final EndpointDirectory directory;
    private final HealthDirectory health;
    private final SnapshotCompiler compiler;
    private final LimitPlans limitPlans;
    private final LimitReadings limits;
    private final CircuitReadings circuits;

    // Written by the control thread only, read by any.
    private volatile EngineView view =
            new EngineView(EnginePhase.STARTING, 0, ProxyConfig.empty(), 0, 0, new long[0], List.of());

    EngineReadings(
            EngineOptions options,
            Transport transport,
            ControlLoop control,
            Metrics metrics,
            AccessLog accessLog,
            Watchdog watchdog,
            EndpointDirectory directory,
            HealthDirectory health,
            SnapshotCompiler compiler,
            LimitPlans limitPlans,
            LimitReadings limits,
            CircuitReadings circuits) {
        this.options = options;
        this.transport = transport;
        this.control = control;
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.watchdog = watchdog;
        this.directory = directory;
        this.health = health;
        this.compiler = compiler;
        this.limitPlans = limitPlans;
        this.limits = limits;
        this.circuits = circuits;
    }

    /** How the control thread's state stands from now on. Control thread, within the call that changed it. */
    void show(EngineView present) {
        view = present;
    }

    /** How the control thread's state stands; on that thread itself never behind. Waits for nobody. */
    EngineView view() {
        return view;
    }

    /** How the engine stands. Waits for nobody. */
    public EngineStatus status() {
        return view.status(options, transport, metrics, watchdog);
    }

    /** Whether every worker serves a revision and turns, and nothing is being drained. Waits for nobody. */
    public boolean isReady() {
        return view.phase() == EnginePhase.SERVING && watchdog.stuckWorkers() == 0;
    }

    // ---- what was counted and decided ----

    /** Everything counted until now. Waits for nobody. */
    public MetricsReading metrics() {
        return metrics.read();
    }

    /**
     * The decisions about a recent request. One just answered may still be in a ring: a miss waits for it, half a second at
     * most, and looks again.
     */
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

    /** Recent requests and their decisions. Waits for nobody. */
    public Trail trail() {
        return accessLog.trail();
    }

    /** Heads of some requests that workers have taken, newest first, without credentials. Waits for nobody. */
    public List<RecordedHead> heads(int countMax) {
        HeadMask mask = new HeadMask(view.config());
        return metrics.heads().stream().limit(countMax).map(mask::shown).toList();
    }

    /** How each access log fares. */
    public List<AccessLogStatus> accessLogs() {
        return accessLog.status();
    }

    /** When a request was last known by a consumer's credential, to the minute; empty if not since the start. */
    public Optional<Instant> lastUse(String consumer, String credentialId) {
        return control.call(() -> view.config()
                .consumers()
                .find(consumer)
                .flatMap(known -> known.credentials().stream()
                        .filter(credential -> credential.id().equals(Optional.of(credentialId)))
                        .findFirst())
                .flatMap(compiler::lastUse));
    }

    // ---- upstreams and limits ----

    /** What is known of every name that targets have. */
    public List<DnsView> dns() {
        return control.call(directory::dns);
    }

    /** Every endpoint of an upstream and what was counted of it; none if there is no such upstream. */
    public List<EndpointStatus> endpoints(String upstream) {
        Map<InetSocketAddress, HealthView> healths = new HashMap<>();
        List<EndpointView> views = control.call(() -> {
            healths.putAll(health.views(upstream));
            return directory.views(upstream);
        });
        return EndpointStatus.of(upstream, views, healths, metrics.read().series(Family.ENDPOINT));
    }

    /** Whether too few endpoints of an upstream are healthy, so that all of them are used. */
    public boolean isPanic(String upstream) {
        return control.call(() -> health.isPanic(upstream));
    }

    /** How the circuit of an upstream stands; empty if there is no such upstream. Waits for nobody. */
    public Optional<CircuitStatus> circuit(String upstream) {
        return circuits.read(view.config(), upstream);
    }

    /**
     * How a limit stands; empty where it is not in force.
     *
     * @param key a value for each part of its key; empty for none
     * @throws IllegalArgumentException if the values are not those of a key
     */
    public Optional<LimitStatus> limit(String name, List<String> key) {
        Optional<LimitPlan> plan = control.call(() -> limitPlans.find(name));
        Optional<SeriesReading> counted = metrics.read().series(Family.LIMIT).stream()
                .filter(series -> series.name().equals(List.of(name)))
                .findFirst();
        return plan.map(found -> limits.read(found, counted, key));
    }

    // ---- what would become of a request ----

    /**
     * Says what becomes of a sample request, and why.
     *
     * @throws SampleRefusedException if no client could send it here
     */
    public Explanation explain(ExplainRequest request) throws SampleRefusedException {
        SampleRequest sample = Explainer.sample(request, view.config());
        return control.call(() -> {
            EngineView present = view;
            return new Explainer(compiler.current(present.revision()), present.config(), directory, health)
                    .explain(sample, request.listener());
        });
    }

    /**
     * Says what would become of a sample request by a prepared config; which endpoints there would be is not known yet.
     *
     * @throws SampleRefusedException if no client could send it there
     */
    public Explanation explain(Prepared prepared, ExplainRequest request) throws SampleRefusedException {
        SampleRequest sample = Explainer.sample(request, prepared.config);
        return control.call(() -> new Explainer(prepared.draft.snapshot(0), prepared.config, directory, health)
                .explain(sample, request.listener()));
    }
}

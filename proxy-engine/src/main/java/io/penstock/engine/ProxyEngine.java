package io.penstock.engine;

import io.penstock.config.ProxyConfig;
import io.penstock.discovery.DnsLookup;
import io.penstock.discovery.EndpointDirectory;
import io.penstock.discovery.EndpointDrain;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.HealthDirectory;
import io.penstock.discovery.HealthOverride;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.limit.KeySweep;
import io.penstock.metrics.AccessLog;
import io.penstock.metrics.AccessLogBounds;
import io.penstock.metrics.Family;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.ProcessSamples;
import io.penstock.metrics.SampleSource;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.SyslogShipper;
import io.penstock.metrics.Trail;
import io.penstock.snapshot.DomainProofs;
import io.penstock.snapshot.LimitPlans;
import io.penstock.snapshot.SnapshotCompiler;
import io.penstock.transport.DnsClient;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.Transport;
import io.penstock.transport.TransportMemory;
import io.penstock.transport.TransportRefused;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The data plane's front door: start it, prepare a config and publish it, drain it, stop it. What it does and has done is
 * told by its {@link #readings}, how another one takes its place by its {@link #handover}.
 *
 * <p>Everything about a change happens on one control thread; callers wait for it and are never workers. Preparing may
 * fail and then nothing has changed; publishing cannot.
 */
public final class ProxyEngine implements AutoCloseable {
    /** How long a connection without a request waits for one more, where nothing else is said. */
    private static final Duration IDLE_MAX = Duration.ofSeconds(1);

    private static final Duration RELEASE_PERIOD = Duration.ofMillis(50);
    private static final Duration SWEEP_PERIOD = Duration.ofSeconds(1);
    private static final Duration TLS_PERIOD = Duration.ofMinutes(1);

    private final EngineOptions options;
    private final Transport transport;
    private final ControlLoop control;
    private final EngineTables tables;
    private final Metrics metrics;
    private final AccessLog accessLog;
    private final Watchdog watchdog;
    private final DnsClient dnsClient;
    private final EndpointDirectory directory;
    private final HealthProber prober;
    private final HealthDirectory health;
    private final PasswordThread passwords = new PasswordThread();
    private final SnapshotCompiler compiler;
    private final CircuitReadings circuits;
    private final LimitPlans limitPlans;
    private final KeySweep rateSweep;
    private final KeySweep quotaSweep;
    private final Workers workers;
    private final TicketKeeper tickets;
    private final CertificateWatch certificates;
    private final ConfigChanges changes;
    private final PreparationThread preparations;
    private final ConfigPreparer preparer;
    private final EngineHandover handover;
    private final EngineReadings readings;

    // The control thread's.
    private EnginePhase phase = EnginePhase.STARTING;

    private ProxyEngine(EngineOptions options, Transport transport) {
        this.options = options;
        this.transport = transport;
        this.control = new ControlLoop(options.clock());
        this.preparations = new PreparationThread(options.filterOpenMax());
        SecureRandom random = new SecureRandom();
        this.tables = new EngineTables(options);
        this.metrics = new Metrics(options.workers(), SeriesBounds.usual());
        AccessLogBounds bounds = AccessLogBounds.forWorkers(options.workers());
        this.accessLog = new AccessLog(metrics, bounds, Trail.usual(bounds), System::nanoTime);
        this.watchdog = new Watchdog(metrics, ManagementFactory.getThreadMXBean());
        this.dnsClient = DnsClient.open();
        DnsLookup dns = new DnsAnswers(dnsClient);
        this.directory = new EndpointDirectory(dns, control, this::endpointsChanged, metrics, random.nextLong());
        UpstreamTls tls = new UpstreamTls(options.credentials());
        this.prober = new HealthProber(options.version(), tls::of);
        this.health = new HealthDirectory(prober, control, this::healthChanged, random.nextLong());
        this.limitPlans = new LimitPlans(metrics.names(Family.LIMIT), options.clock());
        this.compiler = new SnapshotCompiler(
                BuiltInFilters.sources(options, passwords, random),
                options.workers(),
                tables.shared().permits(),
                metrics.names(Family.ROUTE),
                metrics.names(Family.LISTENER),
                metrics.names(Family.BACKEND),
                metrics.names(Family.FILTER),
                limitPlans);
        this.tickets = new TicketKeeper(options.stateFolder(), options.clock(), random, compiler::tickets);
        this.certificates = new CertificateWatch(options.clock());
        this.rateSweep = KeySweep.of(tables.shared().rates(), System::nanoTime);
        this.quotaSweep = KeySweep.of(tables.shared().quotas(), options.clock());
        this.circuits = new CircuitReadings(tables.shared().circuits(), options.clock(), System::nanoTime);
        this.readings = new EngineReadings(
                options,
                transport,
                control,
                metrics,
                accessLog,
                watchdog,
                directory,
                health,
                compiler,
                limitPlans,
                new LimitReadings(tables.shared(), rateSweep, quotaSweep, options.clock(), System::nanoTime),
                circuits);
        EngineSamples samples = new EngineSamples(readings);
        metrics.register(samples);
        metrics.register(certificates);
        metrics.register(new CircuitSamples(
                tables.shared().circuits(), () -> readings.view().config()));
        metrics.register(accessLog);
        metrics.register(rateSweep);
        metrics.register(tables.shared().keyedPermits());
        metrics.register(health.samples());
        metrics.register(quotaSweep);
        tables.quotaKeeper().ifPresent(metrics::register);
        metrics.register(processSamples());
        this.workers = new Workers(options, transport, metrics, control, this::refreshView, health::reported);
        workers.start(tables.shared(), accessLog, compiler.current(0), dns, random);
        this.changes = new ConfigChanges(
                options,
                transport,
                control,
                compiler,
                new UpstreamPlanner(
                        directory, tables.shared().permits(), tables.shared().circuits(), options.locality(), tls),
                directory,
                health,
                accessLog,
                tables.shared().pins(),
                workers);
        this.preparer = new ConfigPreparer(control, changes, preparations, options.workers(), samples::waitedForTable);
        this.handover =
                new EngineHandover(control, changes, workers, transport, tables.quotaKeeper(), options.inherited());
        refreshView();
    }

    /**
     * Starts an engine that serves nothing yet.
     *
     * @throws TransportRefused if the wanted transport does not work here
     */
    public static ProxyEngine start(EngineOptions options) throws TransportRefused {
        ProxyEngine engine = new ProxyEngine(
                options, Transport.open(options.transport(), options.inherited().orElseGet(InheritedSockets::none)));
        engine.accessLog.start();
        engine.watchdog.start();
        engine.control.every(RELEASE_PERIOD, engine::releaseTables);
        engine.control.every(SWEEP_PERIOD, engine::sweepLimits);
        engine.control.every(TLS_PERIOD, engine.tickets::follow);
        engine.control.every(TLS_PERIOD, engine.certificates::look);
        if (options.inherited().isEmpty()) {
            engine.tables.quotaKeeper().ifPresent(QuotaKeeper::start);
        }
        return engine;
    }

    /**
     * Starts an engine for rehearsals alone: its transport is not tried, which would open sockets, and nothing of it has to be kept up.
     *
     * @throws TransportRefused if no loop can turn here
     */
    public static ProxyEngine startForRehearsals(EngineOptions options) throws TransportRefused {
        return new ProxyEngine(options, Transport.openUntried());
    }

    private void sweepLimits() {
        limitPlans.refreshWindows();
        rateSweep.next();
        quotaSweep.next();
    }

    private ProcessSamples processSamples() {
        ProcessSamples process = new ProcessSamples(options.version());
        process.memoryOwner("route tables", () -> readings.view().tableBytes());
        process.memoryOwner("transport", () -> transport.memory().reservedBytes());
        process.memoryOwner("limits", tables::limitBytes);
        return process;
    }

    // ---- a config change ----

    /**
     * Does everything about a config that can fail: compiles it, binds the sockets of new listeners, opens filters, learns
     * the addresses of new targets. Waits; not for a worker's thread. One prepared config at a time.
     */
    public Preparation prepare(ProxyConfig next) {
        return preparer.prepare(next);
    }

    /**
     * Does the same without anything outside of this process: no socket is bound, no name asked for, no file opened. What comes of it can be
     * explained and has to be discarded.
     */
    public Preparation rehearse(ProxyConfig next) {
        return preparer.rehearse(next);
    }

    /** Gives a prepared config up; all is as it was. */
    public void discard(Prepared prepared) {
        control.call(() -> {
            changes.discard(prepared);
            return true;
        });
    }

    /** Makes a prepared config the one that every worker serves. Cannot fail; does not wait for the workers. */
    public Adoption publish(Prepared prepared, long number) {
        return control.call(() -> {
            Adoption adoption = changes.publish(prepared, number);
            certificates.follow(changes.config());
            refreshView();
            adoption.active().thenRun(() -> control.post(this::serving));
            return adoption;
        });
    }

    private void serving() {
        if (phase == EnginePhase.STARTING) {
            enter(EnginePhase.SERVING);
        }
    }

    private void releaseTables() {
        int before = readings.view().liveTables();
        changes.releaseTables();
        if (compiler.liveTables() != before) {
            refreshView();
        }
    }

    private void enter(EnginePhase next) {
        phase = next;
        refreshView();
    }

    private void endpointsChanged(EndpointSet endpoints) {
        workers.update(endpoints);
        health.followed(endpoints).ifPresent(this::healthChanged);
    }

    private void healthChanged(UpstreamHealth known) {
        workers.update(known);
    }

    private void refreshView() {
        readings.show(changes.view(phase));
    }

    // ---- what is asked of it ----

    /** What it does and has done. */
    public EngineReadings readings() {
        return readings;
    }

    /** Has every line of the access logs shipped as well, from now on. Once. */
    public void shipLogs(SyslogShipper shipper) {
        accessLog.tap(shipper);
        metrics.register(shipper);
    }

    /** Has the files of all access logs opened by their names again. */
    public void reopenAccessLogs() {
        accessLog.reopen();
    }

    /** Asks for a name again, now. @return whether the name is known here */
    public boolean flushDns(String name) {
        return control.call(() -> directory.flush(name));
    }

    /** Closes the breaker of an upstream and forgets what it saw. @return false if it has none */
    public boolean resetBreaker(String upstream) {
        return circuits.resetBreaker(readings.view().config(), upstream);
    }

    /** Makes these drains the ones in force; each ends by itself at its time. Workers hear of it soon after. */
    public void drains(List<EndpointDrain> drains) {
        control.call(() -> {
            directory.drain(drains).forEach(this::endpointsChanged);
            return true;
        });
    }

    /** Makes these words of operators on health the ones in force; each ends by itself at its time. */
    public void healthOverrides(List<HealthOverride> overrides) {
        control.call(() -> {
            health.override(overrides, directory::endpointsOf).forEach(this::healthChanged);
            return true;
        });
    }

    EngineTables tables() {
        return tables;
    }

    /** Native memory of the loops, that in use among it. */
    TransportMemory transportMemory() {
        return transport.memory();
    }

    /** Has what someone else counts read with all else, until it is closed. */
    public AutoCloseable observe(SampleSource source) {
        metrics.register(source);
        return () -> metrics.forget(source);
    }

    // ---- certificate authorities ----

    /**
     * Shows these proofs to certificate authorities in place of those before. Any thread but a worker's; does not wait for the workers.
     *
     * @return completes when all workers show them
     * @throws IllegalArgumentException if one cannot be shown; all is as it was then
     */
    public CompletionStage<Void> prove(List<DomainProof> proofs) {
        DomainProofs shown = ShownProofs.of(proofs);
        return control.call(() -> workers.show(shown));
    }

    /**
     * Shows these with certificates that say {@code fetchOcsp}, in place of those before. Any thread but a worker's.
     *
     * @param fetched responses of authorities (OCSP, RFC 6960) by the certificates' fingerprints; not to be written to
     */
    public void staple(Map<String, byte[]> fetched) {
        control.post(() -> compiler.staples(fetched));
    }

    // ---- the end ----

    /** How this engine takes another's place, and another takes its. */
    public EngineHandover handover() {
        return handover;
    }

    /** Says not ready, for those in front who spread requests; everything goes on. */
    public void announceEnd() {
        control.call(() -> {
            enter(EnginePhase.DRAINING);
            return true;
        });
    }

    /**
     * Stops accepting, answers what runs, and waits for it.
     *
     * @return whether no connection was left in time
     */
    public boolean drain(Duration atMost) {
        Duration half = atMost.dividedBy(2);
        return drain(atMost, half.compareTo(IDLE_MAX) < 0 ? half : IDLE_MAX);
    }

    /**
     * Stops accepting, answers what runs, and waits for it.
     *
     * @param idleMax how long a connection without a request waits for one more, whose answer says that the connection ends: HTTP/1
     *     has no other way to end one without losing a request that crosses the end
     * @return whether no connection was left in time
     */
    public boolean drain(Duration atMost, Duration idleMax) {
        CompletableFuture<Void> drained = control.call(() -> {
            enter(EnginePhase.DRAINING);
            return workers.drain(idleMax);
        });
        return ControlLoop.await(drained, atMost);
    }

    /** Cuts what is still open and lets go of everything. */
    @Override
    public void close() {
        CompletableFuture<Void> stopped = control.call(() -> {
            enter(EnginePhase.STOPPED);
            return workers.stop();
        });
        ControlLoop.await(stopped, Duration.ofSeconds(5));
        watchdog.close();
        preparations.close();
        workers.close();
        passwords.close();
        control.call(() -> {
            health.close();
            directory.close();
            return true;
        });
        prober.close();
        dnsClient.close();
        control.close();
        accessLog.close();
        tables.close();
    }
}

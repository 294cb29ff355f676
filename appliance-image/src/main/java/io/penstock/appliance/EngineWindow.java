package io.penstock.appliance;

import io.penstock.admin.resource.EnginePort;
import io.penstock.admin.resource.PluginPort;
import io.penstock.discovery.EndpointDrain;
import io.penstock.discovery.HealthOverride;
import io.penstock.engine.CircuitStatus;
import io.penstock.engine.EndpointStatus;
import io.penstock.engine.EngineReadings;
import io.penstock.engine.EngineStatus;
import io.penstock.engine.ExplainRequest;
import io.penstock.engine.Explanation;
import io.penstock.engine.LimitStatus;
import io.penstock.engine.ProxyEngine;
import io.penstock.engine.SampleRefusedException;
import io.penstock.metrics.Counter;
import io.penstock.metrics.HookCost;
import io.penstock.metrics.LatencyReading;
import io.penstock.metrics.MetricsReading;
import io.penstock.metrics.PrometheusText;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.SeriesReading;
import io.penstock.metrics.TrailEntry;
import io.penstock.metrics.TrailStep;
import io.penstock.route.RouteCandidate;
import io.penstock.route.RouteExplanation;
import io.penstock.spi.PluginLibrary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The engine as the admin API sees it: what it observes and explains, in the API's words. */
final class EngineWindow implements EnginePort {
    private final ProxyEngine engine;
    private final EngineReadings readings;
    private final PluginPort plugins;

    EngineWindow(ProxyEngine engine, PluginPort plugins) {
        this.engine = engine;
        this.readings = engine.readings();
        this.plugins = plugins;
    }

    @Override
    public EngineView engine() {
        EngineStatus status = readings.status();
        return new EngineView(
                status.version(),
                status.transport(),
                status.transportReason(),
                status.cores(),
                new LocalityView(status.locality().region(), status.locality().zone()),
                status.phase().text(),
                status.revision(),
                readings.isReady(),
                status.stuckWorkers(),
                status.stalls(),
                status.liveTables(),
                status.workers().stream()
                        .map(worker -> new WorkerView(
                                worker.index(), worker.revision(), worker.connections(), worker.activeRequests()))
                        .toList(),
                status.listeners().stream()
                        .map(listener -> new ListenerView(listener.name(), AddressProbe.text(listener.address())))
                        .toList(),
                pluginsText(),
                status.absentFeatures());
    }

    @Override
    public ExplainView explain(ExplainQuery query) throws SampleRefusedException {
        return shown(readings.explain(asked(query)));
    }

    /** The query as the engine takes it. */
    static ExplainRequest asked(ExplainQuery query) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        query.headers().forEach(header -> headers.add(Map.entry(header.name(), header.value())));
        return new ExplainRequest(
                query.method(),
                query.url(),
                headers,
                query.listener(),
                query.clientAddress().isEmpty() ? "127.0.0.1" : query.clientAddress());
    }

    /** An explanation as the API tells it. */
    static ExplainView shown(Explanation found) {
        Optional<RouteExplanation> routing = found.routing();
        return new ExplainView(
                routing.flatMap(RouteExplanation::winner),
                found.refusal().map(Reason::code),
                found.refusal().map(Reason::status),
                found.refusal().map(reason -> found.detail()),
                found.canonicalPath(),
                routing.map(RouteExplanation::allow).orElse(List.of()),
                routing.map(RouteExplanation::parameters).orElse(Map.of()),
                routing.map(RouteExplanation::considered).orElse(List.of()).stream()
                        .map(EngineWindow::candidate)
                        .toList(),
                routing.map(RouteExplanation::leftOut).orElse(0),
                found.steps().stream()
                        .map(step -> new StepView(step.phase(), step.what(), step.from()))
                        .toList(),
                found.upstream(),
                found.targets(),
                found.rewrittenPath());
    }

    @Override
    public List<HeadView> heads(int countMax) {
        return readings.heads(countMax).stream()
                .map(head -> new HeadView(
                        head.at(),
                        head.listener(),
                        head.clientAddress(),
                        head.method(),
                        head.url(),
                        head.headers().stream()
                                .map(header -> new HeaderView(header.getKey(), header.getValue()))
                                .toList(),
                        Optional.empty()))
                .map(head -> head.with(decision(head.query())))
                .toList();
    }

    private static CandidateView candidate(RouteCandidate candidate) {
        return new CandidateView(
                candidate.route(),
                candidate.result().text(),
                candidate.because().isEmpty() ? Optional.empty() : Optional.of(candidate.because()),
                candidate.specificity());
    }

    @Override
    public String metricsText() {
        StringBuilder text = new StringBuilder(PrometheusText.of(readings.metrics()));
        plugins.opened().ifPresent(library -> library.metrics(text));
        return text.toString();
    }

    @Override
    public Map<String, Long> counters() {
        MetricsReading reading = readings.metrics();
        Map<String, Long> counters = new LinkedHashMap<>();
        for (Counter counter : Counter.values()) {
            String labels = counter.labelValues().isEmpty() ? "" : "{" + String.join(",", counter.labelValues()) + "}";
            counters.put(counter.entry().name() + labels, reading.value(counter));
        }
        for (Reason reason : Reason.values()) {
            counters.put("penstock_refusals_total{" + reason.code() + "}", reading.value(reason));
        }
        return counters;
    }

    @Override
    public List<LatencyView> latencies() {
        MetricsReading reading = readings.metrics();
        return List.of(latency("request", reading.requestLatency()), latency("upstream", reading.upstreamLatency()));
    }

    private static LatencyView latency(String name, LatencyReading reading) {
        return new LatencyView(
                name,
                reading.count(),
                reading.count() == 0 ? 0 : reading.sumNs() / reading.count() / 1000,
                us(reading, 50),
                us(reading, 90),
                us(reading, 99),
                us(reading, 99.9),
                reading.maxNs() / 1000);
    }

    private static long us(LatencyReading reading, double percent) {
        return reading.percentileNs(percent) / 1000;
    }

    @Override
    public Optional<TraceView> request(String requestId) {
        return readings.request(requestId).map(EngineWindow::trace);
    }

    @Override
    public List<TraceView> requests(boolean failedOnly, int countMax) {
        List<TrailEntry> found = failedOnly
                ? readings.trail().failed(countMax)
                : readings.trail().recent(countMax);
        return found.stream().map(EngineWindow::trace).toList();
    }

    @Override
    public Optional<Instant> lastUse(String consumer, String credentialId) {
        return readings.lastUse(consumer, credentialId);
    }

    private static TraceView trace(TrailEntry entry) {
        return new TraceView(
                entry.requestId(),
                entry.started(),
                entry.clientAddress(),
                entry.method(),
                entry.host(),
                entry.path(),
                entry.listener(),
                entry.route(),
                entry.upstream(),
                entry.endpoint(),
                entry.consumer(),
                entry.identifiedBy(),
                entry.status(),
                entry.reason().map(Reason::code),
                entry.tries(),
                entry.bytesIn(),
                entry.bytesOut(),
                entry.durationUs(),
                entry.upstreamDurationUs() < 0 ? Optional.empty() : Optional.of(entry.upstreamDurationUs()),
                entry.steps().stream().map(EngineWindow::step).toList(),
                entry.hooks().stream().map(EngineWindow::cost).toList(),
                entry.hooksLeftOut());
    }

    private static HookCostView cost(HookCost cost) {
        return new HookCostView(
                cost.filter(),
                cost.hook(),
                cost.calls(),
                cost.cpuUs(),
                cost.waitedUs(),
                word(cost.outcome()),
                Optional.of(cost.code()).filter(code -> !code.isEmpty()));
    }

    private static TraceStepView step(TrailStep step) {
        return new TraceStepView(
                word(step.kind()),
                word(step.verdict()),
                step.elapsedUs(),
                step.detail(),
                step.reason().map(Reason::code));
    }

    @Override
    public List<EndpointView> endpoints(String upstream) {
        return readings.endpoints(upstream).stream().map(EngineWindow::endpoint).toList();
    }

    @Override
    public void healthOverrides(List<HealthOverrideView> overrides) {
        engine.healthOverrides(overrides.stream()
                .map(each -> new HealthOverride(each.upstream(), each.target(), each.isHealthy(), each.until()))
                .toList());
    }

    @Override
    public boolean isPanic(String upstream) {
        return readings.isPanic(upstream);
    }

    @Override
    public Optional<CircuitStatus> circuit(String upstream) {
        return readings.circuit(upstream);
    }

    @Override
    public boolean resetBreaker(String upstream) {
        return engine.resetBreaker(upstream);
    }

    @Override
    public Optional<LimitStatus> limit(String name, List<String> key) {
        return readings.limit(name, key);
    }

    private static EndpointView endpoint(EndpointStatus status) {
        io.penstock.discovery.EndpointView endpoint = status.endpoint();
        Optional<SeriesReading> counts = status.counts();
        return new EndpointView(
                endpoint.target(),
                endpoint.name(),
                endpoint.address().map(AddressProbe::text),
                endpoint.weight(),
                endpoint.zone(),
                word(endpoint.source()),
                switch (endpoint.state()) {
                    case DISABLED -> "disabled";
                    case UNRESOLVED -> "unresolved";
                    case NOT_GRANTED -> "notGranted";
                    case DRAINING -> "draining";
                    case WEIGHTLESS -> "weightless";
                    case READY ->
                        status.takesRequests()
                                ? "ready"
                                : status.health()
                                        .map(health -> word(health.state()))
                                        .orElseThrow();
                },
                endpoint.drainedUntil(),
                status.health()
                        .map(health -> new HealthView(
                                word(health.state()),
                                health.takesRequests(),
                                health.why(),
                                health.since(),
                                health.ejectedUntil(),
                                health.ejections(),
                                health.warmingUntil(),
                                health.lastCheck(),
                                health.lastCheckAt())),
                counts.map(read -> new EndpointConnections(
                        read.value(SeriesCounter.ENDPOINT_CONNECTIONS_OPEN),
                        read.value(SeriesCounter.ENDPOINT_CONNECTIONS_IDLE))),
                counts.map(read -> read.value(SeriesCounter.ENDPOINT_REQUESTS_ACTIVE)),
                counts.map(read -> new EndpointCounts(
                        read.value(SeriesCounter.ENDPOINT_TRIES),
                        read.value(SeriesCounter.ENDPOINT_TRY_FAILURES),
                        read.value(SeriesCounter.ENDPOINT_CONNECTS),
                        read.value(SeriesCounter.ENDPOINT_CONNECT_FAILURES),
                        read.value(SeriesCounter.ENDPOINT_RESPONSES_5XX))));
    }

    @Override
    public void drains(List<DrainView> drains) {
        engine.drains(drains.stream()
                .map(drain -> new EndpointDrain(drain.upstream(), drain.target(), drain.until()))
                .toList());
    }

    /** A constant as the API writes it. */
    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public List<DnsView> dns() {
        return readings.dns().stream()
                .map(known -> new DnsView(
                        known.name(),
                        word(known.state()),
                        known.addresses(),
                        known.ttlLeft(),
                        known.age(),
                        known.lastError(),
                        known.lastErrorAt(),
                        known.why(),
                        known.usedBy()))
                .toList();
    }

    @Override
    public boolean flushDns(String name) {
        return engine.flushDns(name);
    }

    /** How scripts run, and which versions do not. */
    private String pluginsText() {
        String quarantined = plugins.opened().map(PluginLibrary::status).orElse(List.of()).stream()
                .filter(status -> status.state().equals("quarantined"))
                .map(status -> status.name() + "@" + status.version())
                .collect(Collectors.joining(", "));
        return quarantined.isEmpty() ? plugins.mode() : plugins.mode() + ", in quarantine: " + quarantined;
    }
}

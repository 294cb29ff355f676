package io.penstock.admin;

import io.penstock.admin.resource.EnginePort;
import io.penstock.admin.revision.ConfigTarget;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.engine.CircuitStatus;
import io.penstock.engine.LimitStatus;
import io.penstock.engine.SampleRefusedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An engine that adopts at once unless told to wait, and knows one request, one name and one listener. */
final class FakeEngine implements EnginePort, ConfigTarget {
    volatile Optional<Error> defect = Optional.empty();

    volatile boolean adoptsAtOnce = true;
    volatile int stuckWorkers;
    volatile Optional<ConfigProblem> refuses = Optional.empty();
    final List<String> flushed = new ArrayList<>();
    volatile ProxyConfig served = ProxyConfig.empty();
    private volatile long revision;

    private record PreparedConfig(ProxyConfig config) implements Prepared {}

    @Override
    public PrepareResult prepare(ProxyConfig config) {
        return refuses.<PrepareResult>map(problem -> new NotReady(List.of(problem)))
                .orElseGet(() -> new Ready(new PreparedConfig(config)));
    }

    @Override
    public Publication publish(Prepared prepared, long number) {
        revision = number;
        served = ((PreparedConfig) prepared).config();
        boolean adopts = adoptsAtOnce;
        CompletableFuture<Void> active = new CompletableFuture<>();
        if (adopts) {
            active.complete(null);
        }
        return new Publication() {
            @Override
            public CompletionStage<Void> active() {
                return active;
            }

            @Override
            public int pendingWorkers() {
                return adopts ? 0 : 1;
            }
        };
    }

    @Override
    public void discard(Prepared prepared) {}

    static ConfigProblem addressInUse(String listener) {
        return new ConfigProblem(
                ResourceRef.of(ResourceType.LISTENERS, listener),
                "/address",
                "address-in-use",
                "someone listens there",
                Optional.empty());
    }

    @Override
    public EngineView engine() {
        return new EngineView(
                "0.1.0",
                "nio",
                "asked for",
                "any core",
                new LocalityView(Optional.of("eu-west"), Optional.empty()),
                "serving",
                revision,
                stuckWorkers == 0,
                stuckWorkers,
                0,
                1,
                List.of(new WorkerView(0, revision, 3, 1)),
                List.of(new ListenerView("web", "127.0.0.1:18080")),
                "not opened",
                List.of("http2"));
    }

    @Override
    public ExplainView explain(ExplainQuery query) throws SampleRefusedException {
        if (!query.url().startsWith("http") && !query.url().startsWith("/")) {
            throw new SampleRefusedException("url", "found no URL");
        }
        return new ExplainView(
                Optional.of("orders"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                query.url(),
                List.of(),
                Map.of(),
                List.of(new CandidateView("orders", "match", Optional.empty(), List.of(16, 7, 0))),
                0,
                List.of(new StepView("limits", "per-client", "routes/orders")),
                Optional.of("orders"),
                List.of("10.0.0.7:8080"),
                Optional.of("/7"));
    }

    @Override
    public String metricsText() {
        defect.ifPresent(planted -> {
            throw planted;
        });
        return "penstock_requests_total 7\n";
    }

    @Override
    public Map<String, Long> counters() {
        return Map.of("requests", 7L);
    }

    @Override
    public List<LatencyView> latencies() {
        return List.of(new LatencyView("request", 7, 100, 90, 150, 200, 300, 400));
    }

    @Override
    public Optional<TraceView> request(String requestId) {
        return requests(false, 1).stream()
                .filter(each -> each.requestId().equals(requestId))
                .findFirst();
    }

    @Override
    public Optional<Instant> lastUse(String consumer, String credentialId) {
        return consumer.equals("used") ? Optional.of(Instant.EPOCH.plusSeconds(60)) : Optional.empty();
    }

    @Override
    public List<TraceView> requests(boolean failedOnly, int countMax) {
        return List.of(new TraceView(
                "01JTRACE",
                Instant.EPOCH,
                "127.0.0.1",
                "GET",
                "shop.example",
                "/orders",
                "web",
                "orders",
                "orders",
                "10.0.0.7:8080",
                "acme",
                "apiKey",
                200,
                Optional.empty(),
                1,
                10,
                20,
                300,
                Optional.of(200L),
                List.of(new TraceStepView("route", "passed", 3, "orders", Optional.empty())),
                List.of(new HookCostView("guard@1.0.0", "onRequest", 1, 12, 0, "continued", Optional.empty())),
                0));
    }

    @Override
    public List<HeadView> heads(int countMax) {
        return List.of(new HeadView(
                Instant.EPOCH,
                "web",
                "127.0.0.1",
                "GET",
                "http://shop.example/orders",
                List.of(new HeaderView("Authorization", "***")),
                Optional.of(new DecisionView(
                        Optional.of("orders"),
                        Optional.empty(),
                        "/orders",
                        Optional.of("orders"),
                        Optional.of("/7"),
                        List.of(new StepView("limits", "per-client", "routes/orders"))))));
    }

    @Override
    public List<DnsView> dns() {
        return List.of(new DnsView(
                "orders.internal",
                "fresh",
                List.of("10.0.0.7"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "asked and answered",
                List.of("orders")));
    }

    volatile List<DrainView> drains = List.of();

    @Override
    public List<EndpointView> endpoints(String upstream) {
        return List.of(
                new EndpointView(
                        "10.0.0.7:8080",
                        "first",
                        Optional.of("10.0.0.7:8080"),
                        1,
                        Optional.empty(),
                        "static",
                        "ready",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new EndpointConnections(3, 2)),
                        Optional.of(1L),
                        Optional.of(new EndpointCounts(9, 1, 3, 1, 0))),
                new EndpointView(
                        "orders.internal:8080",
                        "orders.internal:8080",
                        Optional.empty(),
                        1,
                        Optional.empty(),
                        "dns",
                        "unresolved",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Override
    public boolean isPanic(String upstream) {
        return false;
    }

    volatile Optional<CircuitStatus.BreakerStatus> breaker = Optional.empty();

    @Override
    public Optional<CircuitStatus> circuit(String upstream) {
        return Optional.of(new CircuitStatus(
                breaker,
                new CircuitStatus.InUse(3, Optional.of(500L)),
                new CircuitStatus.InUse(0, Optional.empty()),
                Optional.empty()));
    }

    @Override
    public boolean resetBreaker(String upstream) {
        boolean isThere = breaker.isPresent();
        breaker = breaker.map(was -> new CircuitStatus.BreakerStatus("closed", Optional.empty(), 0, 0));
        return isThere;
    }

    @Override
    public Optional<LimitStatus> limit(String name, List<String> key) {
        if (name.equals("unused")) {
            return Optional.empty();
        }
        if (!key.isEmpty() && !key.equals(List.of("10.0.0.1"))) {
            throw new IllegalArgumentException("\"" + key.getFirst() + "\" is no address");
        }
        return Optional.of(new LimitStatus(
                new LimitStatus.Outcomes(7, 0, 3, 0, 0, 0, 0, 0, 0),
                List.of(new LimitStatus.TableStatus("rates", 15, Optional.of(2L), 0)),
                key.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new LimitStatus.KeyStatus(
                                Optional.of(new LimitStatus.RateStatus(100, 40, 600)),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))));
    }

    volatile List<HealthOverrideView> healthOverrides = List.of();

    @Override
    public void healthOverrides(List<HealthOverrideView> all) {
        healthOverrides = all;
    }

    @Override
    public void drains(List<DrainView> all) {
        drains = all;
    }

    @Override
    public synchronized boolean flushDns(String name) {
        flushed.add(name);
        return name.equals("orders.internal");
    }
}

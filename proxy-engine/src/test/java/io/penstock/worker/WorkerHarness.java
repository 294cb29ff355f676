package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AuthConfig;
import io.penstock.config.FilterConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.PathMatch;
import io.penstock.config.PluginAuthConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.RewriteFilterConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.DnsAnswer;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.GrantCheck;
import io.penstock.exchange.ExchangePool;
import io.penstock.filter.AccessFilter;
import io.penstock.filter.ApiKeyAuthenticator;
import io.penstock.filter.BasicAuthenticator;
import io.penstock.filter.CorsFilter;
import io.penstock.filter.ErrorPagesFilter;
import io.penstock.filter.FaultFilter;
import io.penstock.filter.ForwardAuthenticator;
import io.penstock.filter.HeadersFilter;
import io.penstock.filter.HmacAuthenticator;
import io.penstock.filter.IntrospectionAuthenticator;
import io.penstock.filter.JwtAuthenticator;
import io.penstock.filter.MaintenanceFilter;
import io.penstock.filter.OidcAuthenticator;
import io.penstock.filter.RewriteFilter;
import io.penstock.limit.Circuits;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.PermitTable;
import io.penstock.limit.QuotaTable;
import io.penstock.limit.RateTable;
import io.penstock.metrics.AccessLog;
import io.penstock.metrics.AccessLogBounds;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Family;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.SeriesReading;
import io.penstock.metrics.Trail;
import io.penstock.metrics.TrailEntry;
import io.penstock.metrics.WorkerMeters;
import io.penstock.snapshot.FilterSlot;
import io.penstock.snapshot.FilterSources;
import io.penstock.snapshot.LimitPlans;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.OpenedFilters;
import io.penstock.snapshot.Pins;
import io.penstock.snapshot.SnapshotCompiler;
import io.penstock.snapshot.SnapshotDraft;
import io.penstock.snapshot.SnapshotRefusedException;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.FakeChannel;
import io.penstock.transport.FakeLoop;
import io.penstock.upstream.UpstreamPlan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A whole worker on a fake loop: real snapshot, exchanges, pools and limits between fake channels. The test is the clients,
 * the endpoints, the clock and the control thread.
 */
public final class WorkerHarness implements AutoCloseable {
    public static final String WEB = "web";
    public static final int PORT = 8080;

    private static final String FAKE = "fake-";

    private final FakeLoop loop = new FakeLoop();
    private final PermitTable permits = new PermitTable(64);
    private final Circuits circuits = new Circuits();
    private final RateTable rates = new RateTable(1 << 10, loop.nowNs());
    private final KeyedPermitTable keyedPermits = new KeyedPermitTable(64);
    private final QuotaTable quotas = new QuotaTable(1 << 10);
    private final Pins pins = new Pins(1);
    private final Metrics metrics = new Metrics(1, new SeriesBounds(8, 16, 8, 16));
    private final AccessLogBounds bounds = new AccessLogBounds(1024, 768, 1 << 16);
    private final AccessLog accessLog = new AccessLog(metrics, bounds, Trail.usual(bounds), System::nanoTime);
    private final Map<String, PreparedFilter> fakeFilters = new HashMap<>();
    private final Map<String, List<String>> names = new HashMap<>();
    private final List<WorkerReply> replies = new ArrayList<>();
    private final TimeOfDay timeOfDay = new TimeOfDay();
    private final LimitPlans limitPlans = new LimitPlans(metrics.names(Family.LIMIT), timeOfDay);
    private final Passwords passwords = new Passwords();
    private final FakeKeySets keySets = new FakeKeySets();
    private final SnapshotCompiler compiler;
    private final Worker worker;
    private ProxyConfig config = ProxyConfig.empty();
    private UpstreamPlan plan = UpstreamPlan.empty();
    private long revision;
    private boolean isClosed;

    /** A worker that serves nothing yet. */
    public WorkerHarness() {
        compiler = new SnapshotCompiler(
                new FilterSources(
                        List.of(
                                AccessFilter.provider(),
                                CorsFilter.provider(),
                                ErrorPagesFilter.provider(),
                                MaintenanceFilter.provider(),
                                FaultFilter.provider(7),
                                HeadersFilter.provider(),
                                new FakeProvider(),
                                new FakePlugins()),
                        List.of(
                                ApiKeyAuthenticator.provider(),
                                BasicAuthenticator.provider(passwords, new byte[32]),
                                HmacAuthenticator.provider(),
                                JwtAuthenticator.provider(keySets, new byte[32]),
                                IntrospectionAuthenticator.provider(WorkerHarness::secret, new byte[32]),
                                ForwardAuthenticator.provider(),
                                OidcAuthenticator.provider(keySets, WorkerHarness::secret, new byte[32])),
                        CredentialSecrets.none()),
                1,
                permits,
                metrics.names(Family.ROUTE),
                metrics.names(Family.LISTENER),
                metrics.names(Family.BACKEND),
                metrics.names(Family.FILTER),
                limitPlans);
        worker = Worker.assemble(
                new WorkerId(0, 1),
                loop,
                new SharedTables(rates, quotas, permits, keyedPermits, circuits, pins, 1, 2),
                new WorkerMeters(
                        metrics.counters(0),
                        metrics.requestLatency(0),
                        metrics.upstreamLatency(0),
                        metrics.admissionWait(0),
                        accessLog.publisher(0),
                        metrics.heads(0)),
                compiler.current(0),
                this::lookup,
                timeOfDay,
                42,
                replies::add);
        loop.run();
    }

    // Each secret's value is its name, told apart.
    private static Optional<String> secret(String name) {
        return name.equals("absent") ? Optional.empty() : Optional.of("the value of the secret that is called " + name);
    }

    /** A worker with one listener, one upstream {@code backend} of these targets and one route {@code all} to it. */
    public static WorkerHarness to(String... targets) {
        return with(route(), targets);
    }

    /** The same with the given route. */
    public static WorkerHarness with(RouteConfig.Builder route, String... targets) {
        WorkerHarness harness = new WorkerHarness();
        harness.publish(harness.config()
                .with(listener().build())
                .with(upstream(targets).build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(route.build()));
        return harness;
    }

    public static ListenerConfig.Builder listener() {
        return ListenerConfig.named(WEB, ListenAddress.parse("127.0.0.1:" + PORT));
    }

    public static UpstreamConfig.Builder upstream(String... targets) {
        return UpstreamConfig.named("backend")
                .targets(List.of(targets).stream().map(TargetConfig::of).toArray(TargetConfig[]::new));
    }

    /** The route {@code all} to {@code backend}. */
    public static RouteConfig.Builder route() {
        return RouteConfig.named("all")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .service("backend");
    }

    /** The config of a filter that the test brings itself. */
    public FilterConfig filter(String name, FakeFilter filter) {
        filter.afterwards(loop::run);
        return filter(name, (PreparedFilter) filter);
    }

    /** The config of any other filter. */
    public FilterConfig filter(String name, PreparedFilter filter) {
        fakeFilters.put(name, filter);
        return new RewriteFilterConfig(Optional.empty(), Optional.of(FAKE + name));
    }

    /** An entry of {@code auth} for a filter that the test brings itself. */
    public AuthConfig auth(String name, FakeFilter filter) {
        filter.afterwards(loop::run);
        fakeFilters.put(name, filter);
        return new PluginAuthConfig(name + "@1", Optional.empty(), Optional.empty(), true);
    }

    // ---- as the control thread

    public ProxyConfig config() {
        return config;
    }

    /** Adds or replaces resources. */
    public void publish(Resource... resources) {
        publish(config.with(List.of(resources)));
    }

    /** Makes a config current. */
    public void publish(ProxyConfig next) {
        UpstreamPlan.Edit edit = plan.edit();
        NamedMap.diff(config.upstreams(), next.upstreams(), (name, old, wanted) -> {
            if (wanted == null) {
                edit.remove(name);
            } else {
                edit.put(wanted, endpoints(wanted), permits, circuits);
            }
        });
        // Without any it is as open as a new instance.
        edit.ownGrants(GrantCheck.ofAny(
                next.backendGrants().isEmpty() ? ProxyConfig.initial().backendGrants() : next.backendGrants()));
        plan = edit.done();
        SnapshotDraft draft;
        try {
            draft = compiler.compile(config, next, name -> plan.idOf(name).orElseThrow(), OpenedFilters.none());
        } catch (SnapshotRefusedException refused) {
            throw new AssertionError(refused.problems().toString(), refused);
        }
        List<FilterSlot> retired = compiler.accept(draft, next).filters();
        config = next;
        revision++;
        List<WorkerCommand.ListenerOpening> opened = new ArrayList<>();
        for (ListenerRuntime listener : draft.opened()) {
            opened.add(new WorkerCommand.ListenerOpening(
                    listener, List.of(new FakeSocket(portOf(listener))), Optional.empty(), List.of()));
        }
        worker.carryOut(
                new WorkerCommand.AdoptSnapshot(draft.snapshot(revision), plan, retired, opened, draft.closed()));
        loop.run();
        compiler.released(pins.oldestInUse());
    }

    private static int portOf(ListenerRuntime listener) {
        String address = listener.config().address().toString();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static EndpointSet endpoints(UpstreamConfig upstream) {
        List<EndpointSpec> specs = new ArrayList<>();
        for (TargetConfig target : upstream.targets()) {
            String text = target.address().toString();
            int colon = text.lastIndexOf(':');
            InetSocketAddress address =
                    new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
            specs.add(new EndpointSpec(
                    address,
                    text,
                    text,
                    target.weight(),
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    false,
                    address.getPort() % 16));
        }
        return new EndpointSet(upstream.name(), 0, specs);
    }

    public void command(WorkerCommand command) {
        worker.carryOut(command);
        loop.run();
    }

    public void drain() {
        drain(Duration.ZERO);
    }

    /** Drains while connections without a request wait for one more. */
    public void drain(Duration idleMax) {
        command(new WorkerCommand.Drain(idleMax.toNanos()));
    }

    /** What the worker has said to the control thread. */
    public List<WorkerReply> replies() {
        return replies;
    }

    /** Route tables that are still read, after those that are not were freed. */
    public int liveTables() {
        compiler.released(pins.oldestInUse());
        return compiler.liveTables();
    }

    // ---- as the world

    /** What a name resolves to, for a minute; without any, the name service knows none. */
    public void dns(String name, String... addresses) {
        names.put(name, List.of(addresses));
    }

    private CompletionStage<DnsAnswer> lookup(String name) {
        List<String> known = names.getOrDefault(name, List.of());
        if (known.isEmpty()) {
            return CompletableFuture.failedFuture(new UnknownHostException("no such name"));
        }
        return CompletableFuture.completedFuture(
                new DnsAnswer(known.stream().map(InetAddress::ofLiteral).toList(), Duration.ofMinutes(1)));
    }

    /** What compares passwords. */
    public Passwords passwords() {
        return passwords;
    }

    /** What reads key sets. */
    public FakeKeySets keySets() {
        return keySets;
    }

    /** The time of day goes on, and the worker's clock with it. */
    public void timePasses(Duration time) {
        timeOfDay.now = timeOfDay.now.plus(time);
        advance(time);
    }

    /** Lets the worker do what was posted to it. */
    public void run() {
        loop.run();
    }

    /** A client connects. */
    public FakeChannel client() {
        return loop.incoming(new InetSocketAddress("192.0.2.7", 40000), PORT);
    }

    /** A client that has sent this. */
    public FakeChannel client(String sends) {
        FakeChannel client = client();
        client.deliver(sends);
        return client;
    }

    /** The connection to an endpoint that was opened last, made if it was not yet. */
    public FakeChannel endpoint() {
        FakeChannel last = loop.lastConnect();
        if (!last.isOpen() && !last.isClosed() && !last.isAborted()) {
            last.open();
        }
        return last;
    }

    public int connects() {
        return loop.connects().size();
    }

    /** As the control thread does each second: quotas learn of the windows that have begun. */
    public void refreshWindows() {
        limitPlans.refreshWindows();
    }

    public FakeLoop loop() {
        return loop;
    }

    public void advance(Duration time) {
        loop.advance(time);
    }

    // ---- what is left

    /** What the listener is now, for a stream that did not come by its sockets. */
    public ListenerRuntime listenerRuntime() {
        return Objects.requireNonNull(compiler.current(revision).listeners().get(0));
    }

    public ExchangePool exchanges() {
        return worker.exchanges();
    }

    public long count(Counter counter) {
        return metrics.read().value(counter);
    }

    public long count(Reason reason) {
        return metrics.read().value(reason);
    }

    /** What was counted of each member of a family. */
    public List<SeriesReading> series(Family family) {
        return metrics.read().series(family);
    }

    /** The sum over all members of the counter's family. */
    public long count(SeriesCounter counter) {
        return metrics.read().series(counter.family()).stream()
                .mapToLong(series -> series.value(counter))
                .sum();
    }

    /** What was recorded of the exchanges that have ended, newest first. */
    public List<TrailEntry> records() {
        // The log's thread was never started: closing takes what is in the ring, here and now.
        accessLog.close();
        return accessLog.trail().recent(100);
    }

    /** Connections and pending requests that the upstream {@code backend} holds. */
    public long upstreamPermits() {
        return permits.inUse(permits.slotOf("pool/backend")) + permits.inUse(permits.slotOf("pending/backend"));
    }

    /** Connections that the listener holds. */
    public long listenerPermits() {
        return permits.inUse(permits.slotOf("listener/" + WEB));
    }

    /** Stops the worker, after which nothing may be held by anyone; may be called again. */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        command(new WorkerCommand.Stop());
        assertThat(exchanges().running()).as("exchanges left").isZero();
        assertThat(count(Counter.REQUESTS_ACTIVE)).as("requests active").isZero();
        assertThat(listenerPermits()).as("connections left").isZero();
        assertThat(liveTables()).as("tables left").isEqualTo(1);
        rates.close();
        quotas.close();
        permits.close();
        assertThat(keyedPermits.inUse()).as("permits by key left").isZero();
        keyedPermits.close();
    }

    private final class FakeProvider implements FilterProvider {
        private final FilterProvider real = RewriteFilter.provider();

        @Override
        public Class<? extends FilterConfig> configType() {
            return real.configType();
        }

        @Override
        public PreparedFilter prepare(FilterConfig wanted) throws FilterRefusedException {
            RewriteFilterConfig rewrite = (RewriteFilterConfig) wanted;
            String host = rewrite.host().orElse("");
            return host.startsWith(FAKE)
                    ? Objects.requireNonNull(fakeFilters.get(host.substring(FAKE.length())))
                    : real.prepare(wanted);
        }
    }

    private final class FakePlugins implements FilterProvider {
        @Override
        public Class<? extends FilterConfig> configType() {
            return PluginFilterConfig.class;
        }

        @Override
        public PreparedFilter prepare(FilterConfig wanted) {
            String use = ((PluginFilterConfig) wanted).use();
            return Objects.requireNonNull(fakeFilters.get(use.substring(0, use.indexOf('@'))));
        }
    }

    private record FakeSocket(int port) implements BoundSocket {
        @Override
        public int descriptor() {
            throw new IllegalStateException("it is none of the kernel's");
        }

        @Override
        public InetSocketAddress localAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public void close() {}
    }

    /** A time of day that the test sets. */
    private static final class TimeOfDay extends Clock {
        private Instant now = Instant.parse("2026-03-01T12:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}

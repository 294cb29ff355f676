package io.penstock.discovery;

import io.penstock.config.BackendGrantConfig;
import io.penstock.config.BalancerType;
import io.penstock.config.HostPort;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.metrics.Family;
import io.penstock.metrics.Metrics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Knows which endpoints every upstream has now: what its targets resolve to, and whether the grants allow it.
 *
 * <p>All methods are for the control thread, and none blocks. A change of configuration goes in three steps: {@link #learn}
 * looks names up before they are needed; {@link #endpointsOf} says what is known, for the plan that is being compiled;
 * {@link #follow}, once the change is committed, keeps the names fresh and says what has changed meanwhile. Later changes,
 * by the name service, by a grant that expires or a drain that ends, are told to the {@link EndpointListener}.
 */
public final class EndpointDirectory implements AutoCloseable {
    // Grants and drains end by the time of day, which may jump: they are looked at again at least this often while one
    // will expire.
    private static final Duration EXPIRY_CHECK = Duration.ofSeconds(30);
    private static final Duration EXPIRY_CHECK_MIN = Duration.ofMillis(10);

    private final ControlThread control;
    private final EndpointListener listener;
    private final DnsCache names;
    private final SeriesIds upstreamSeries;
    private final SeriesIds endpointSeries;
    private final Map<String, EndpointSet> told = new HashMap<>();
    private final Map<String, MaglevTable> maglevs = new HashMap<>();
    private ProxyConfig config = ProxyConfig.empty();
    private Grants grants = new Grants(config.backendGrants());
    private Drains drains = Drains.NONE;
    private int expiryChecks;
    private boolean isClosed;

    /**
     * A directory that knows nothing and follows nothing yet.
     *
     * @param metrics where upstreams and endpoints get their series
     * @param seed of the chance that spreads lookups over time
     */
    public EndpointDirectory(
            DnsLookup dns, ControlThread control, EndpointListener listener, Metrics metrics, long seed) {
        this.control = control;
        this.listener = listener;
        this.upstreamSeries = new SeriesIds(metrics.names(Family.UPSTREAM), control);
        this.endpointSeries = new SeriesIds(metrics.names(Family.ENDPOINT), control);
        this.names = new DnsCache(dns, control, seed, this::nameChanged);
    }

    /**
     * Looks up the names of these upstreams that nothing is known of, for at most a while.
     *
     * @return completed on the control thread once each of them has been answered, well or not, or the time is over; never
     *     with an exception
     */
    public CompletableFuture<Void> learn(Collection<UpstreamConfig> upstreams, Duration atMost) {
        Set<String> wanted = new LinkedHashSet<>();
        upstreams.forEach(upstream -> wanted.addAll(namesOf(upstream)));
        CompletableFuture<Void> learned = new CompletableFuture<>();
        Set<String> open = new LinkedHashSet<>(wanted);
        for (String name : wanted) {
            names.await(name, () -> {
                open.remove(name);
                if (open.isEmpty()) {
                    learned.complete(null);
                }
            });
        }
        if (open.isEmpty()) {
            learned.complete(null);
        } else {
            control.after(atMost, () -> learned.complete(null));
        }
        return learned;
    }

    /**
     * The endpoints of an upstream as far as they are known, under the grants of a configuration. None for a disabled
     * upstream, or while its names are not resolved.
     */
    public EndpointSet endpointsOf(UpstreamConfig upstream, ProxyConfig of) {
        return resolved(upstream, of.backendGrants().equals(grants.of) ? grants : new Grants(of.backendGrants()));
    }

    /**
     * Makes a configuration the one that is followed.
     *
     * @param before the one followed until now
     * @return the endpoints, as they are now, of each upstream that the change touches, by itself or by a grant; to be given
     *     to the workers together with the plan of {@code after}
     */
    public List<EndpointSet> follow(ProxyConfig before, ProxyConfig after) {
        Set<String> touched = new TreeSet<>();
        NamedMap.diff(before.upstreams(), after.upstreams(), (name, old, next) -> {
            if (old != null) {
                namesOf(old).forEach(host -> names.leave(host, name));
            }
            if (next != null) {
                namesOf(next).forEach(host -> names.use(host, name));
                touched.add(name);
            } else {
                forget(name);
            }
        });
        Set<String> networks = new TreeSet<>();
        NamedMap.diff(before.backendGrants(), after.backendGrants(), (name, old, next) -> {
            if (old != null) {
                networks.add(old.network());
            }
            if (next != null) {
                networks.add(next.network());
            }
        });
        config = after;
        if (!grants.of.equals(after.backendGrants())) {
            grants = new Grants(after.backendGrants());
        }
        List<EndpointSet> changes = new ArrayList<>();
        for (String name : touched) {
            after.upstreams().find(name).ifPresent(upstream -> {
                refresh(upstream);
                changes.add(toldOf(name));
            });
        }
        if (!networks.isEmpty()) {
            changes.addAll(changedIn(networks));
        }
        scheduleExpiry();
        return changes;
    }

    /**
     * Makes these drains the ones in force, instead of those before. Each ends by itself at its time.
     *
     * @return the endpoints of each upstream that this changes, to be given to the workers
     */
    public List<EndpointSet> drain(List<EndpointDrain> all) {
        Set<String> touched = drains.upstreams();
        drains = new Drains(all);
        touched.addAll(drains.upstreams());
        List<EndpointSet> changes = changedAmong(touched);
        scheduleExpiry();
        return changes;
    }

    /** Every address of every target of an upstream, in the order of the targets; none if there is no such upstream. */
    public List<EndpointView> views(String name) {
        return config.upstreams()
                .find(name)
                .map(upstream -> new EndpointViews(grants.of(upstream.network()), drains, control.now())
                        .of(upstream, this::addressesOf))
                .orElse(List.of());
    }

    /** The endpoints of an upstream as workers know them; none if there is no such upstream. */
    public EndpointSet endpointsOf(String name) {
        return toldOf(name);
    }

    /** What is known of every name, in the order of names. */
    public List<DnsView> dns() {
        return names.views();
    }

    /**
     * Asks for a name again, now. Its addresses stay in use until there are others.
     *
     * @return whether the name is known here
     */
    public boolean flush(String name) {
        return names.flush(name);
    }

    /** Follows nothing any more. */
    @Override
    public void close() {
        isClosed = true;
        names.close();
    }

    private void nameChanged(DnsName name) {
        for (String upstream : name.usedBy()) {
            config.upstreams().find(upstream).ifPresent(this::tellIfChanged);
        }
    }

    private void tellIfChanged(UpstreamConfig upstream) {
        if (refresh(upstream)) {
            listener.endpointsChanged(toldOf(upstream.name()));
        }
    }

    private List<EndpointSet> changedIn(Set<String> networks) {
        List<EndpointSet> changes = new ArrayList<>();
        for (UpstreamConfig upstream : config.upstreams()) {
            if (networks.contains(upstream.network()) && refresh(upstream)) {
                changes.add(toldOf(upstream.name()));
            }
        }
        return changes;
    }

    private List<EndpointSet> changedAmong(Set<String> upstreams) {
        List<EndpointSet> changes = new ArrayList<>();
        for (String name : upstreams) {
            config.upstreams().find(name).filter(this::refresh).ifPresent(upstream -> changes.add(toldOf(name)));
        }
        return changes;
    }

    // Makes what is known now what is told, with a series for each member of it. Returns whether that is other than
    // before.
    private boolean refresh(UpstreamConfig upstream) {
        String name = upstream.name();
        upstreamSeries.acquire(name);
        EndpointSet before = toldOf(name);
        for (EndpointSpec endpoint : resolved(upstream, grants).endpoints()) {
            endpointSeries.acquire(name, seriesName(endpoint));
        }
        EndpointSet now = resolved(upstream, grants);
        told.put(name, now);
        Set<InetSocketAddress> stay = new HashSet<>();
        now.endpoints().forEach(endpoint -> stay.add(endpoint.address()));
        for (EndpointSpec endpoint : before.endpoints()) {
            if (!stay.contains(endpoint.address())) {
                endpointSeries.release(name, seriesName(endpoint));
            }
        }
        return !now.equals(before);
    }

    private void forget(String name) {
        for (EndpointSpec endpoint : toldOf(name).endpoints()) {
            endpointSeries.release(name, seriesName(endpoint));
        }
        upstreamSeries.release(name);
        told.remove(name);
        maglevs.remove(name);
    }

    private EndpointSet toldOf(String name) {
        return told.getOrDefault(name, new EndpointSet(name, SeriesIds.NONE, List.of()));
    }

    private static String seriesName(EndpointSpec endpoint) {
        return seriesName(endpoint.address());
    }

    /** What the metrics of an endpoint are called, beside its upstream's name. */
    public static String seriesName(InetSocketAddress address) {
        return new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString();
    }

    private void scheduleExpiry() {
        int number = ++expiryChecks;
        Instant now = control.now();
        Optional<Instant> next = Stream.of(grants.nextExpiry(now), drains.nextEnd(now))
                .flatMap(Optional::stream)
                .min(Instant::compareTo);
        if (next.isPresent()) {
            Duration left = Duration.between(now, next.get());
            Duration delay = left.compareTo(EXPIRY_CHECK) > 0 ? EXPIRY_CHECK : left.plus(EXPIRY_CHECK_MIN);
            control.after(delay, () -> {
                if (number == expiryChecks && !isClosed) {
                    changedIn(grants.networksWithExpiry()).forEach(listener::endpointsChanged);
                    changedAmong(drains.upstreams()).forEach(listener::endpointsChanged);
                    scheduleExpiry();
                }
            });
        }
    }

    private EndpointSet resolved(UpstreamConfig upstream, Grants under) {
        Map<InetSocketAddress, EndpointSpec> byAddress = new LinkedHashMap<>();
        if (upstream.enabled()) {
            GrantCheck check = under.of(upstream.network());
            Instant now = control.now();
            for (TargetConfig target : upstream.targets()) {
                for (InetAddress ip : addressesOf(target)) {
                    InetSocketAddress address =
                            new InetSocketAddress(ip, target.address().port());
                    EndpointSpec spec = new EndpointSpec(
                            address,
                            target.address().toString(),
                            target.label(),
                            target.weight(),
                            target.zone(),
                            target.region(),
                            check.allows(address, now),
                            drains.until(upstream.name(), target.address().toString(), now)
                                    .isPresent(),
                            endpointSeries.find(upstream.name(), seriesName(address)));
                    byAddress.merge(address, spec, EndpointDirectory::together);
                }
            }
        }
        List<EndpointSpec> endpoints = List.copyOf(byAddress.values());
        return new EndpointSet(
                upstream.name(), upstreamSeries.find(upstream.name()), endpoints, maglev(upstream, endpoints));
    }

    // One that is still right is kept: it takes milliseconds to make.
    private Optional<MaglevTable> maglev(UpstreamConfig upstream, List<EndpointSpec> endpoints) {
        if (upstream.balancer() != BalancerType.MAGLEV) {
            maglevs.remove(upstream.name());
            return Optional.empty();
        }
        MaglevTable known = maglevs.get(upstream.name());
        if (known == null || !known.isOf(endpoints)) {
            known = MaglevTable.of(endpoints);
            maglevs.put(upstream.name(), known);
        }
        return Optional.of(known);
    }

    // Two names of one backend: one endpoint, with the weight of both; who drains it by one name means the backend.
    private static EndpointSpec together(EndpointSpec first, EndpointSpec second) {
        int weight = Math.min(EndpointSpec.WEIGHT_MAX, first.weight() + second.weight());
        return new EndpointSpec(
                first.address(),
                first.authority(),
                first.name(),
                weight,
                first.zone(),
                first.region(),
                first.isGranted(),
                first.isDraining() || second.isDraining(),
                first.seriesId());
    }

    private List<InetAddress> addressesOf(TargetConfig target) {
        return switch (EndpointSource.of(target)) {
            case EndpointSource.Static(InetAddress address) -> List.of(address);
            case EndpointSource.Dns(String host) -> {
                DnsName known = names.find(host);
                yield known == null ? List.of() : known.addresses();
            }
        };
    }

    private static List<String> namesOf(UpstreamConfig upstream) {
        return upstream.enabled() ? EndpointSource.namesOf(upstream.targets()) : List.of();
    }

    /** The grants of one configuration, by network. */
    private static final class Grants {
        private final NamedMap<BackendGrantConfig> of;
        private final Map<String, GrantCheck> byNetwork = new HashMap<>();

        Grants(NamedMap<BackendGrantConfig> grants) {
            of = grants;
            for (BackendGrantConfig grant : grants) {
                byNetwork.computeIfAbsent(grant.network(), network -> GrantCheck.of(network, grants));
            }
        }

        GrantCheck of(String network) {
            return byNetwork.getOrDefault(network, GrantCheck.nothing());
        }

        Optional<Instant> nextExpiry(Instant now) {
            return byNetwork.values().stream()
                    .flatMap(check -> check.nextExpiry(now).stream())
                    .min(Instant::compareTo);
        }

        Set<String> networksWithExpiry() {
            Set<String> networks = new TreeSet<>();
            byNetwork.forEach((network, check) -> {
                if (check.mayExpire()) {
                    networks.add(network);
                }
            });
            return networks;
        }
    }
}

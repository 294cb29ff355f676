package io.penstock.discovery;

import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.UpstreamConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Knows how healthy the endpoints of every upstream are, by checks and by what workers report, and decides alone which of
 * them take requests. What it knows of an endpoint stays as long as its upstream has that address.
 *
 * <p>All methods are for the control thread, and none blocks.
 */
public final class HealthDirectory implements AutoCloseable {
    private static final Duration EXPIRY_CHECK = Duration.ofSeconds(30);
    private static final Duration EXPIRY_CHECK_MIN = Duration.ofMillis(10);

    private final ControlThread control;
    private final HealthListener listener;
    private final HealthSamples samples = new HealthSamples();
    private final HealthChecks checks;
    private final Map<String, UpstreamWatch> watches = new HashMap<>();
    private final Map<String, UpstreamHealth> told = new HashMap<>();
    private final Map<String, List<HealthOverride>> overrides = new HashMap<>();
    private ProxyConfig config = ProxyConfig.empty();
    private final Set<String> changing = new HashSet<>();
    private int expiryChecks;
    private boolean isClosed;

    /**
     * A directory that watches nobody yet.
     *
     * @param seed of the chance that spreads checks over time
     */
    public HealthDirectory(HealthCheck check, ControlThread control, HealthListener listener, long seed) {
        this.control = control;
        this.listener = listener;
        this.checks = new HealthChecks(check, control, samples, seed);
    }

    /** What is counted. */
    public HealthSamples samples() {
        return samples;
    }

    /**
     * Makes a configuration the one that is followed.
     *
     * @param endpoints of each upstream that the change touches
     * @return what workers have to know otherwise than before; to be given to them behind the endpoints
     */
    public List<UpstreamHealth> follow(ProxyConfig before, ProxyConfig after, List<EndpointSet> endpoints) {
        List<UpstreamHealth> changes = new ArrayList<>();
        config = after;
        NamedMap.diff(before.upstreams(), after.upstreams(), (name, old, next) -> {
            if (next == null || !isWatching(next)) {
                endWatch(name);
                if (told.remove(name) != null && next != null) {
                    changes.add(UpstreamHealth.good(name));
                }
            } else {
                UpstreamWatch watch = watch(next);
                watch.override(overridesOf(name));
                watch.configure(next);
            }
        });
        for (EndpointSet set : endpoints) {
            followed(set).ifPresent(changes::add);
        }
        return changes;
    }

    /**
     * Makes these overrides the ones in force, instead of those before. Each ends by itself at its time.
     *
     * @param endpointsOf the endpoints of an upstream, by its name
     * @return what workers have to know otherwise than before
     */
    public List<UpstreamHealth> override(List<HealthOverride> all, Function<String, EndpointSet> endpointsOf) {
        Set<String> touched = new TreeSet<>(overrides.keySet());
        overrides.clear();
        all.forEach(each -> overrides
                .computeIfAbsent(each.upstream(), name -> new ArrayList<>())
                .add(each));
        touched.addAll(overrides.keySet());
        List<UpstreamHealth> changes = new ArrayList<>();
        for (String name : touched) {
            config.upstreams().find(name).ifPresent(upstream -> changes.addAll(overridden(upstream, endpointsOf)));
        }
        scheduleExpiry();
        return changes;
    }

    private List<UpstreamHealth> overridden(UpstreamConfig upstream, Function<String, EndpointSet> endpointsOf) {
        String name = upstream.name();
        if (!isWatching(upstream)) {
            endWatch(name);
            return told.remove(name) == null ? List.of() : List.of(UpstreamHealth.good(name));
        }
        watch(upstream).override(overridesOf(name));
        return followed(endpointsOf.apply(name)).stream().toList();
    }

    // They end by the time of day, which may jump: looked at again at least this often.
    private void scheduleExpiry() {
        int number = ++expiryChecks;
        Instant now = control.now();
        Optional<Duration> next = overrides.values().stream()
                .flatMap(List::stream)
                .filter(each -> now.isBefore(each.until()))
                .map(each -> Duration.between(now, each.until()))
                .min(Duration::compareTo);
        if (next.isPresent()) {
            Duration delay = next.get().compareTo(EXPIRY_CHECK) > 0
                    ? EXPIRY_CHECK
                    : next.get().plus(EXPIRY_CHECK_MIN);
            control.after(delay, () -> {
                if (number == expiryChecks && !isClosed) {
                    overrides.keySet().forEach(this::expired);
                    scheduleExpiry();
                }
            });
        }
    }

    private void expired(String name) {
        UpstreamWatch watch = watches.get(name);
        if (watch != null) {
            watch.override(overridesOf(name));
            tellIfChanged(name);
        }
    }

    private Map<String, HealthOverride> overridesOf(String name) {
        Map<String, HealthOverride> inForce = new HashMap<>();
        for (HealthOverride each : overrides.getOrDefault(name, List.of())) {
            if (control.now().isBefore(each.until())) {
                inForce.put(each.authority(), each);
            }
        }
        return inForce;
    }

    private boolean isWatching(UpstreamConfig upstream) {
        return upstream.health().isWatching() || overrides.containsKey(upstream.name());
    }

    /** Takes other endpoints of an upstream. @return what workers have to know otherwise than before */
    public Optional<UpstreamHealth> followed(EndpointSet set) {
        UpstreamWatch watch = watches.get(set.upstream());
        if (watch == null) {
            return Optional.empty();
        }
        watch.follow(set);
        return changeOf(set.upstream());
    }

    /** Takes what a worker saw. */
    public void reported(OutcomeReport report) {
        UpstreamWatch watch = watches.get(report.upstream());
        if (watch != null && !isClosed) {
            watch.reported(report);
        }
    }

    /** Whether an upstream uses its unhealthy endpoints too. */
    public boolean isPanic(String upstream) {
        UpstreamWatch watch = watches.get(upstream);
        return watch != null && watch.isPanic();
    }

    /** How healthy each endpoint of an upstream is, by address; none where nobody watches. */
    public Map<InetSocketAddress, HealthView> views(String upstream) {
        UpstreamWatch watch = watches.get(upstream);
        return watch == null ? Map.of() : watch.views();
    }

    /** Asks nobody any more. */
    @Override
    public void close() {
        isClosed = true;
        checks.close();
    }

    private UpstreamWatch watch(UpstreamConfig config) {
        return watches.computeIfAbsent(
                config.name(), name -> new UpstreamWatch(config, control, checks, samples, () -> tellIfChanged(name)));
    }

    private void endWatch(String name) {
        UpstreamWatch watch = watches.remove(name);
        if (watch != null) {
            watch.end();
        }
    }

    // Once for all that changes together: what workers have to know is worked out over all endpoints of the upstream.
    private void tellIfChanged(String name) {
        if (changing.add(name)) {
            control.post(() -> {
                changing.remove(name);
                if (!isClosed) {
                    changeOf(name).ifPresent(listener::healthChanged);
                }
            });
        }
    }

    private Optional<UpstreamHealth> changeOf(String name) {
        UpstreamWatch watch = watches.get(name);
        if (watch == null) {
            return Optional.empty();
        }
        UpstreamHealth now = watch.health();
        UpstreamHealth before = told.put(name, now);
        return now.equals(before) ? Optional.empty() : Optional.of(now);
    }
}

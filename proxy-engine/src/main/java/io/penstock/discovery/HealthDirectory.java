package io.penstock.discovery;

import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.UpstreamConfig;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Knows how healthy the endpoints of every upstream are, by checks and by what workers report, and decides alone which of
 * them take requests. What it knows of an endpoint stays as long as its upstream has that address.
 *
 * <p>All methods are for the control thread, and none blocks.
 */
public final class HealthDirectory implements AutoCloseable {
    private final ControlThread control;
    private final HealthListener listener;
    private final HealthSamples samples = new HealthSamples();
    private final HealthChecks checks;
    private final Map<String, UpstreamWatch> watches = new HashMap<>();
    private final Map<String, UpstreamHealth> told = new HashMap<>();
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
        NamedMap.diff(before.upstreams(), after.upstreams(), (name, old, next) -> {
            if (next == null || !next.health().isWatching()) {
                endWatch(name);
                if (told.remove(name) != null && next != null) {
                    changes.add(UpstreamHealth.good(name));
                }
            } else {
                watch(next).configure(next);
            }
        });
        for (EndpointSet set : endpoints) {
            followed(set).ifPresent(changes::add);
        }
        return changes;
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

    private void tellIfChanged(String name) {
        if (!isClosed) {
            changeOf(name).ifPresent(listener::healthChanged);
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

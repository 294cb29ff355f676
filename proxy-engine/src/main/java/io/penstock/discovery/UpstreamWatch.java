package io.penstock.discovery;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.UpstreamConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the health of one upstream's endpoints and says which of them take requests. Control thread.
 *
 * <p>An endpoint takes requests if it is healthy. One that was never checked takes them while no other is known to be
 * healthy. If fewer than {@code health.panicBelow} of those that could take requests are healthy or unchecked, all of them
 * do: what is left could not carry the load, and checks that fail everywhere are more often wrong than all endpoints are.
 */
final class UpstreamWatch {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamWatch.class);

    private final ControlThread control;
    private final HealthChecks checks;
    private final HealthSamples samples;
    private final Runnable changed;
    private final Outliers outliers;
    private final Map<InetSocketAddress, EndpointWatch> endpoints = new LinkedHashMap<>();
    private Map<String, HealthOverride> overrides = Map.of();
    private UpstreamConfig config;
    private boolean hasSeries;
    private boolean isPanic;
    private boolean hasUnchecked;

    /** @param changed told when {@link #health} may say something else than before */
    UpstreamWatch(
            UpstreamConfig config,
            ControlThread control,
            HealthChecks checks,
            HealthSamples samples,
            Runnable changed) {
        this.config = config;
        this.control = control;
        this.checks = checks;
        this.samples = samples;
        this.changed = changed;
        this.outliers = new Outliers(config.name(), control, samples, changed);
    }

    /** Takes what the operator wrote. */
    void configure(UpstreamConfig next) {
        config = next;
        outliers.configure(next.health().passive(), endpoints.values());
        endpoints.values().forEach(this::check);
    }

    /** Takes what operators say, by target as written. */
    void override(Map<String, HealthOverride> next) {
        overrides = next;
        endpoints.values().forEach(this::override);
    }

    private void override(EndpointWatch endpoint) {
        endpoint.overridden(overrides.get(endpoint.spec().authority()), control.nowNs(), control.now());
    }

    /** Takes the endpoints there are now. */
    void follow(EndpointSet set) {
        hasSeries = set.seriesId() >= 0;
        Map<InetSocketAddress, EndpointWatch> before = new LinkedHashMap<>(endpoints);
        endpoints.clear();
        for (EndpointSpec spec : set.endpoints()) {
            EndpointWatch endpoint = before.get(spec.address());
            if (endpoint == null) {
                endpoint = new EndpointWatch(spec, control.now());
                // The first ones are all as cold as each other.
                if (!before.isEmpty()) {
                    endpoint.warm(control.nowNs());
                }
            }
            endpoint.spec(spec);
            endpoints.put(spec.address(), endpoint);
            override(endpoint);
            check(endpoint);
        }
        before.keySet().removeAll(endpoints.keySet());
        before.values().forEach(checks::end);
    }

    /** Watches nobody any more. */
    void end() {
        endpoints.values().forEach(checks::end);
        endpoints.clear();
        samples.forget(config.name());
    }

    /** Takes what a worker saw. */
    void reported(OutcomeReport report) {
        for (OutcomeReport.Outcomes outcomes : report.outcomes()) {
            EndpointWatch endpoint = endpoints.get(outcomes.address());
            if (endpoint != null) {
                outliers.reported(endpoint, outcomes, endpoints.values());
            }
        }
    }

    // An address that no grant covers must not hear from us, not even this.
    private void check(EndpointWatch endpoint) {
        Optional<ActiveHealthConfig> active = config.health().active();
        endpoint.checked(active.isPresent(), control.now());
        ActiveHealthConfig wanted =
                active.filter(check -> endpoint.spec().isGranted()).orElse(null);
        if (endpoint.askedBy(wanted)) {
            if (wanted == null) {
                checks.end(endpoint);
            } else {
                checks.begin(
                        config.name(), endpoint, wanted, () -> config, answer -> answered(endpoint, wanted, answer));
            }
        }
    }

    private void answered(EndpointWatch endpoint, ActiveHealthConfig check, HealthCheck.Answer answer) {
        HealthView.State before = endpoint.state();
        if (endpoint.answered(answer, check.pace(), control.nowNs(), control.now())) {
            if (before != HealthView.State.UNCHECKED || !answer.isGood()) {
                LOG.info(
                        "upstream {}: {} is {}: {}",
                        config.name(),
                        endpoint.spec().address(),
                        answer.isGood() ? "healthy" : "unhealthy",
                        answer.detail());
            }
            changed.run();
        }
    }

    /** What workers have to know now. */
    UpstreamHealth health() {
        decide();
        long nowNs = control.nowNs();
        long slowStartNs = slowStartNs();
        List<EndpointHealth> exceptions = new ArrayList<>();
        for (EndpointWatch endpoint : endpoints.values()) {
            boolean takesRequests = takesRequests(endpoint);
            boolean isWarming = endpoint.isWarmingAt(nowNs, slowStartNs);
            if (!takesRequests || isWarming) {
                exceptions.add(new EndpointHealth(
                        endpoint.spec().address(),
                        takesRequests,
                        isWarming,
                        isWarming ? endpoint.warmingSinceNs() : 0));
            }
        }
        return new UpstreamHealth(config.name(), slowStartNs, exceptions);
    }

    private long slowStartNs() {
        return config.health().slowStart().map(Duration::toNanos).orElse(0L);
    }

    private boolean takesRequests(EndpointWatch endpoint) {
        return (isPanic && !endpoint.isForcedOut()) || endpoint.isHealthy() || (hasUnchecked && endpoint.isUnchecked());
    }

    private void decide() {
        int candidates = 0;
        int healthy = 0;
        int unchecked = 0;
        Map<String, Boolean> gauges = new TreeMap<>();
        for (EndpointWatch endpoint : endpoints.values()) {
            if (endpoint.isCandidate()) {
                candidates++;
                healthy += endpoint.isHealthy() ? 1 : 0;
                unchecked += endpoint.isUnchecked() ? 1 : 0;
            }
            if (endpoint.spec().seriesId() >= 0) {
                gauges.put(EndpointDirectory.seriesName(endpoint.spec().address()), endpoint.isHealthy());
            }
        }
        hasUnchecked = healthy == 0 && unchecked > 0;
        boolean wasPanic = isPanic;
        isPanic = candidates > 0
                && (healthy + unchecked) * 10_000L
                        < (long) candidates * config.health().panicBelow().basisPoints();
        if (isPanic != wasPanic) {
            LOG.warn(
                    isPanic
                            ? "upstream {}: {} of {} endpoints are healthy, fewer than {}: all are used"
                            : "upstream {}: {} of {} endpoints are healthy, no fewer than {}: the others are left out",
                    config.name(),
                    healthy,
                    candidates,
                    config.health().panicBelow());
            if (isPanic) {
                samples.panicked();
            }
        }
        if (hasSeries) {
            samples.watched(config.name(), isPanic, gauges);
        }
    }

    boolean isPanic() {
        return isPanic;
    }

    /** How healthy each endpoint is, by address. */
    Map<InetSocketAddress, HealthView> views() {
        Map<InetSocketAddress, HealthView> views = new LinkedHashMap<>();
        endpoints.forEach((address, endpoint) -> views.put(
                address, endpoint.view(takesRequests(endpoint), slowStartNs(), control.nowNs(), control.now())));
        return views;
    }
}

package io.penstock.discovery;

import io.penstock.config.LatencyConfig;
import io.penstock.config.PassiveHealthConfig;
import io.penstock.config.SuccessRateConfig;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ejects the endpoints of one upstream at which requests fail, and lets them return. It hears from all workers and decides
 * alone, so that it makes no difference how many there are. Control thread.
 *
 * <p>Models: Envoy's outlier detection, for consecutive failures, the growing time and the bound on how many may be out.
 */
final class Outliers {
    private static final Logger LOG = LoggerFactory.getLogger(Outliers.class);

    private final String upstream;
    private final ControlThread control;
    private final HealthSamples samples;
    private final Runnable changed;
    private Optional<PassiveHealthConfig> config = Optional.empty();
    private boolean isIntervalRunning;

    /** @param changed told when an endpoint was ejected or has returned */
    Outliers(String upstream, ControlThread control, HealthSamples samples, Runnable changed) {
        this.upstream = upstream;
        this.control = control;
        this.samples = samples;
        this.changed = changed;
    }

    /** Judges by this from now on; by nothing if it is empty, and then whoever is ejected returns. */
    void configure(Optional<PassiveHealthConfig> next, Collection<EndpointWatch> endpoints) {
        config = next;
        if (next.isEmpty()) {
            for (EndpointWatch endpoint : endpoints) {
                if (endpoint.isEjected()) {
                    endpoint.endEjection("Requests are not looked at any more.", control.nowNs(), control.now());
                }
            }
        }
    }

    /** Takes what became of requests at an endpoint. */
    void reported(EndpointWatch endpoint, OutcomeReport.Outcomes report, Collection<EndpointWatch> all) {
        // What was under way when it was ejected says nothing new.
        if (config.isEmpty() || endpoint.isEjected()) {
            return;
        }
        PassiveHealthConfig passive = config.get();
        int run = endpoint.outcomes().add(report);
        if (passive.consecutiveFailures() > 0 && run >= passive.consecutiveFailures()) {
            tryEject(endpoint, EjectionCause.CONSECUTIVE_FAILURES, run + " requests in a row failed.", all);
        }
        if (!isIntervalRunning
                && (passive.successRate().isPresent() || passive.latency().isPresent())) {
            isIntervalRunning = true;
            control.after(passive.interval(), () -> intervalEnded(all));
        }
    }

    private void intervalEnded(Collection<EndpointWatch> all) {
        isIntervalRunning = false;
        if (config.isEmpty()) {
            return;
        }
        config.get().successRate().ifPresent(rate -> all.forEach(endpoint -> judgeRate(endpoint, rate, all)));
        config.get().latency().ifPresent(latency -> judgeLatency(latency, all));
        all.forEach(endpoint -> endpoint.outcomes().beginInterval());
    }

    private void judgeRate(EndpointWatch endpoint, SuccessRateConfig rate, Collection<EndpointWatch> all) {
        EndpointWatch.Outcomes outcomes = endpoint.outcomes();
        if (outcomes.requests() >= rate.requestsMin()) {
            double share = (double) outcomes.successes() / outcomes.requests();
            if (share < rate.below().fraction()) {
                String why = String.format(
                        Locale.ROOT,
                        "Only %.1f%% of %d requests were answered well.",
                        share * 100,
                        outcomes.requests());
                tryEject(endpoint, EjectionCause.SUCCESS_RATE, why, all);
            }
        }
    }

    private void judgeLatency(LatencyConfig latency, Collection<EndpointWatch> all) {
        long[] means = all.stream()
                .map(EndpointWatch::outcomes)
                .filter(outcomes -> outcomes.firstBytes() >= latency.requestsMin())
                .mapToLong(EndpointWatch.Outcomes::firstByteNsMean)
                .sorted()
                .toArray();
        // With fewer than two there is nobody to compare with.
        if (means.length < 2) {
            return;
        }
        long median = means[(means.length - 1) / 2];
        long bound = Math.max(latency.above().toNanos(), median * latency.timesMedian());
        for (EndpointWatch endpoint : all) {
            long mean = endpoint.outcomes().firstByteNsMean();
            if (endpoint.outcomes().firstBytes() >= latency.requestsMin() && mean > bound) {
                String why = "Its first bytes took " + Duration.ofNanos(mean).toMillis()
                        + " ms on average, the median of the targets is "
                        + Duration.ofNanos(median).toMillis() + " ms.";
                tryEject(endpoint, EjectionCause.LATENCY, why, all);
            }
        }
    }

    private void tryEject(EndpointWatch endpoint, EjectionCause cause, String why, Collection<EndpointWatch> all) {
        if (endpoint.isEjected()) {
            return;
        }
        PassiveHealthConfig passive = config.orElseThrow();
        long candidates = all.stream().filter(EndpointWatch::isCandidate).count();
        long ejected = all.stream().filter(EndpointWatch::isEjected).count();
        if (ejected + 1 > candidates * passive.maxEjected().basisPoints() / 10_000) {
            samples.withheld(cause);
            LOG.debug(
                    "upstream {}: {} stays, since {} are ejected: {}",
                    upstream,
                    endpoint.spec().address(),
                    ejected,
                    why);
            return;
        }
        Duration length = endpoint.eject(passive, why, control.nowNs(), control.now());
        samples.ejected(cause);
        LOG.info(
                "upstream {}: ejected {} for {} s ({}): {}",
                upstream,
                endpoint.spec().address(),
                length.toMillis() / 1000.0,
                cause.code(),
                why);
        int number = endpoint.ejection();
        control.after(length, () -> {
            if (endpoint.isEjected() && endpoint.ejection() == number) {
                endpoint.endEjection("Its ejection is over.", control.nowNs(), control.now());
                LOG.info("upstream {}: {} returns", upstream, endpoint.spec().address());
                changed.run();
            }
        });
        changed.run();
    }
}

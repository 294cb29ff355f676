package io.penstock.engine;

import io.penstock.config.ProxyConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.limit.AdaptivePlan;
import io.penstock.limit.Breaker;
import io.penstock.limit.BreakerPlan;
import io.penstock.limit.Circuit;
import io.penstock.limit.Circuits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.agrona.concurrent.NanoClock;

/** Reads and resets the circuits of upstreams. Any thread but a worker; asks no worker. */
final class CircuitReadings {
    private final Circuits circuits;
    private final InstantSource clock;
    private final NanoClock nanoClock;

    CircuitReadings(Circuits circuits, InstantSource clock, NanoClock nanoClock) {
        this.circuits = circuits;
        this.clock = clock;
        this.nanoClock = nanoClock;
    }

    /** How the circuit of an upstream stands; empty if there is no such upstream. */
    Optional<CircuitStatus> read(ProxyConfig config, String upstream) {
        return config.upstreams()
                .find(upstream)
                .flatMap(written -> circuits.find(upstream).map(circuit -> status(written, circuit)));
    }

    private CircuitStatus status(UpstreamConfig written, Circuit circuit) {
        return new CircuitStatus(
                written.circuit().breaker().map(BreakerPlan::of).map(plan -> breaker(circuit.breaker(), plan)),
                new CircuitStatus.InUse(
                        circuit.requests().inside(),
                        written.circuit().requests().map(max -> (long) max)),
                new CircuitStatus.InUse(
                        circuit.furtherTries().inside(),
                        written.circuit().retries().map(max -> (long) max)),
                written.circuit()
                        .adaptive()
                        .map(bounds -> new CircuitStatus.AdaptiveStatus(
                                circuit.adaptive().limit(AdaptivePlan.of(bounds)),
                                bounds.min(),
                                bounds.max(),
                                circuit.adaptive().baseUs())));
    }

    private CircuitStatus.BreakerStatus breaker(Breaker breaker, BreakerPlan plan) {
        long nowNs = nanoClock.nanoTime();
        long leftNs = breaker.openForNs(nowNs);
        Optional<Instant> openUntil = leftNs > 0 ? Optional.of(clock.instant().plusNanos(leftNs)) : Optional.empty();
        return new CircuitStatus.BreakerStatus(
                breaker.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                openUntil,
                breaker.tries(plan, nowNs),
                breaker.failures(plan, nowNs));
    }

    /** Closes the breaker of an upstream and forgets what it saw. @return false if it has none */
    boolean resetBreaker(ProxyConfig config, String upstream) {
        Optional<Circuit> circuit = config.upstreams()
                .find(upstream)
                .filter(written -> written.circuit().breaker().isPresent())
                .flatMap(written -> circuits.find(upstream));
        circuit.ifPresent(found -> found.breaker().reset());
        return circuit.isPresent();
    }
}
